"""The private server's place, and what a crash leaves behind."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from devtools import postgres_private, postgres_process


class TestPlace(unittest.TestCase):
    def test_a_long_path_puts_the_socket_elsewhere(self):
        short = postgres_private.Place(Path("/srv/x/.dev/postgres"), Path("/bin"), None)
        self.assertEqual(short.socket_directory, short.home / "socket")
        long = postgres_private.Place(Path("/srv") / ("x" * 90) / "postgres", Path("/bin"), None)
        path = long.socket_directory / ".s.PGSQL.5432"
        self.assertNotEqual(long.socket_directory, long.home / "socket")
        self.assertLessEqual(len(os.fsencode(path)), 107)

    def test_a_directory_of_somebody_else_is_refused(self):
        with tempfile.TemporaryDirectory() as directory:
            link = Path(directory) / "link"
            link.symlink_to("/tmp")
            with self.assertRaisesRegex(postgres_private.Trouble, "somebody else"):
                postgres_private._private_directory(link, None)


class TestStalePid(unittest.TestCase):
    def forget(self, text):
        with tempfile.TemporaryDirectory() as directory:
            place = postgres_private.Place(Path(directory), Path("/bin"), None)
            place.data.mkdir()
            pid_file = place.data / "postmaster.pid"
            pid_file.write_text(text)
            postgres_private._forget_stale_pid(place)
            return not pid_file.exists()

    def test_a_number_that_another_program_has_now(self):
        self.assertTrue(self.forget(f"{os.getpid()}\n/data\n"))

    def test_a_number_that_nobody_has(self):
        self.assertTrue(self.forget("99999999\n/data\n"))

    def test_a_file_cut_short(self):
        self.assertTrue(self.forget(""))

    def test_a_server_that_runs_is_left_alone(self):
        with mock.patch.object(postgres_process, "running", return_value=4711):
            self.assertFalse(self.forget("4711\n/data\n"))

    def test_half_made_data_are_not_taken_for_whole(self):
        with tempfile.TemporaryDirectory() as directory:
            data = Path(directory)
            (data / "PG_VERSION").write_text("16\n")
            self.assertFalse(postgres_private._is_whole(data))

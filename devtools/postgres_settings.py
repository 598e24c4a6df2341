"""Settings of the private PostgreSQL server, sized after the machine."""

import os


def text(socket_directory, port):
    """Settings for development: data survives a crash (fsync stays on), nothing listens on the network."""
    page = os.sysconf("SC_PAGE_SIZE")
    memory = os.sysconf("SC_PHYS_PAGES") * page // 2**20  # MB
    shared = min(1024, max(128, memory // 8))
    lines = {
        "listen_addresses": "''",
        "port": port,
        "unix_socket_directories": f"'{socket_directory}'",
        "unix_socket_permissions": "0700",
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "maintenance_work_mem": f"{max(64, shared // 4)}MB",
        "work_mem": "16MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "random_page_cost": "1.1",
        "jit": "off",
        "log_timezone": "'UTC'",
        "timezone": "'UTC'",
    }
    if _shared_memory_is_small():
        lines["dynamic_shared_memory_type"] = "mmap"
    return "".join(f"{name} = {value}\n" for name, value in lines.items())


def _shared_memory_is_small():
    """Containers often give /dev/shm 64 MB, where a parallel hash join then fails."""
    try:
        found = os.statvfs("/dev/shm")
    except OSError:
        return True
    return found.f_blocks * found.f_frsize < 512 * 2**20

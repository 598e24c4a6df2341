import hashlib
import json
import logging
import os
import tempfile
import time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..common.customer_success_job import RACES
from ..common.excel_text import XLSX

_logger = logging.getLogger(__name__)

TRIES = 3
TELL_SECONDS = 1.5  # between two updates of the progress
SEEN = (
    "domain",
    "months",
    "company_ids",
)  # fields of a request that must be equal for two workbooks to be comparable


class CustomerSuccessWorkbookCopy(models.Model):
    """A workbook that a user requested: waiting, being created, or kept together with its figures.

    Only the server writes these records. It creates the workbook with the reader's own access rights. The workbook
    belongs to its reader; nobody else sees it.
    """

    _name = "customer.success.workbook.copy"
    _inherit = "customer.success.open"
    _description = "Workbook"
    _order = "id desc"
    _open_states = ("waiting", "running")

    name = fields.Char("File", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "For", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Datetime("Asked For", readonly=True, default=fields.Datetime.now)
    filters = fields.Char("Which Customers", readonly=True)
    schedule_id = fields.Many2one(
        "customer.success.workbook.schedule",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Being Made"),
            ("done", "Ready"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    progress = fields.Integer(readonly=True, aggregator=None)
    error = fields.Char("Error Message", readonly=True)
    customers = fields.Integer("Number of Customers", readonly=True, aggregator=None)
    figures = fields.Json(readonly=True)
    attachment_id = fields.Many2one("ir.attachment", "Workbook", readonly=True, ondelete="set null")
    size = fields.Integer("Size in KB", readonly=True, aggregator=None)
    request = fields.Json(readonly=True)
    series = fields.Char(
        readonly=True, help="Workbooks of the same series can be compared with each other."
    )
    tries = fields.Integer(readonly=True, aggregator=None)

    _series_idx = models.Index("(series, id DESC) WHERE state = 'done'")
    _open_idx = models.Index("(id) WHERE is_open")

    @api.depends("name", "filters")
    def _compute_display_name(self):
        for copy in self:
            copy.display_name = f"{copy.name}: {copy.filters}" if copy.filters else copy.name

    # ------------------------------------------------------------------------------------------
    # Request
    # ------------------------------------------------------------------------------------------

    @api.model
    def _ask(self, request, filters="", schedule=None):
        """Request a workbook for the current user, with the customers that they may see; it is created later.

        :param dict request: the fields of a request, see ``_prepare_request`` of ``customer.success.workbook.filter``
        :raise UserError: if the user belongs to none of the requested companies
        """
        self.env["customer.success.workbook"]._check_export()
        companies = self.env["res.company"].browse(
            request.get("company_ids") or self.env.companies.ids
        )
        # The user's current company comes first, as in the company menu: the workbook shows its logo and currency.
        companies = (companies & self.env.user.company_ids).sorted(
            lambda company: (company != self.env.company, company.id)
        )
        request = {**request, "company_ids": companies.ids}
        if not companies:
            raise UserError(self.env._("You do not have access to any of these companies."))
        comparable = {**request, "company_ids": sorted(companies.ids)}
        seen = json.dumps(
            [comparable.get(name) for name in SEEN] + [schedule and schedule.id], default=str
        )
        return self.sudo().create(
            {
                "name": self._file_name(),
                "user_id": self.env.uid,
                "filters": filters or self.env._("All customers that you may see"),
                "schedule_id": schedule.id if schedule else False,
                "request": request,
                "series": hashlib.sha256(seen.encode()).hexdigest()[:32],
            }
        )

    @api.model
    def _file_name(self):
        today = fields.Date.to_string(fields.Date.context_today(self))
        return self.env._("customers %(date)s.xlsx", date=today)

    def _queue(self):
        """Wake the scheduled action that creates waiting workbooks."""
        self.env.ref("customer_success.ir_cron_workbook_make").sudo()._trigger()

    # ------------------------------------------------------------------------------------------
    # Creation
    # ------------------------------------------------------------------------------------------

    def _as_reader(self):
        """Return this record with its reader's own access rights, language, time zone and companies."""
        self.ensure_one()
        user = self.sudo().user_id
        companies = [
            id_ for id_ in self.sudo().request["company_ids"] if id_ in user.company_ids.ids
        ]
        tz = user.tz or self.sudo().schedule_id.tz
        context = {"lang": user.lang, "tz": tz, "allowed_company_ids": companies}
        return self.with_env(self.env(user=user.id, su=False, context=context))

    def _before(self):
        """Return the date and the figures of the workbook to compare with, ``None`` if there is none.

        It is the one that the reader chose, otherwise the previous one of this series.
        """
        done = fields.Domain("user_id", "=", self.user_id.id) & fields.Domain("state", "=", "done")
        chosen = self.request.get("before_id")
        if chosen:
            former = self.sudo().search(done & fields.Domain("id", "=", chosen))
        else:
            same = [("series", "=", self.series), ("id", "<", self.id)]
            former = self.sudo().search(done & fields.Domain(same), limit=1)
        if not former.figures:
            return None
        day = fields.Datetime.context_timestamp(self, former.date).date()
        return {"date": day, "figures": former.figures}

    def _make(self):
        """Create the workbook and store it. Let any error pass; in that case nothing is stored."""
        self._store(*self._compute())

    def _compute(self, report_progress=None):
        """Return the content of the workbook and its figures, without storing anything."""
        copy = self.sudo()
        reader = self._as_reader()
        if not copy.user_id.active or not reader.env.companies:
            raise UserError(self.env._("%s can no longer log in.", copy.user_id.name))
        request = copy.request
        with tempfile.TemporaryFile() as stream:
            answer = reader.env["customer.success.workbook"]._write(
                stream,
                request["domain"],
                request["sheets"],
                filters=copy.filters or "",
                months=request.get("months"),
                before=reader.sudo()._before(),
                report_progress=report_progress,
            )
            stream.seek(0)
            return stream.read(), answer

    def _store(self, content, answer):
        """Store a workbook: the file and its figures."""
        attachment = self._keep(content)
        self.sudo().write(
            {
                "state": "done",
                "progress": 100,
                "error": False,
                "customers": answer["customers"] or 0,
                "figures": answer["figures"],
                "attachment_id": attachment.id,
                "size": -(-len(content) // 1024),
            }
        )

    def _keep(self, content):
        """Return the file as a new attachment of this record; raise an error unless it was stored completely."""
        attachments = self.env["ir.attachment"].sudo()
        try:
            attachment = attachments.create(
                {
                    "name": self.name,
                    "res_model": self._name,
                    "res_id": self.id,
                    "raw": content,
                    "mimetype": XLSX,
                }
            )
            path = attachment.store_fname and attachments._full_path(attachment.store_fname)
            if path and os.path.getsize(path) != len(content):
                raise OSError("the file in the file store is shorter than the workbook")
        except OSError as error:
            raise UserError(
                self.env._(
                    "There is not enough disk space on the server to store the workbook. Nothing was stored. "
                    "Contact your administrator."
                )
            ) from error
        return attachment

    # ------------------------------------------------------------------------------------------
    # Background job
    # ------------------------------------------------------------------------------------------

    @api.model
    def _cron_make(self):
        """Create the waiting workbooks, one by one. Restart those that a killed job left unfinished, at most three times."""
        commit = self.env["ir.cron"]._commit_progress
        open_ = [("is_open", "=", True), ("schedule_id", "=", False)]
        commit(remaining=self.search_count(open_))
        for copy in self.search(open_, order="id"):
            copy = copy.with_context(lang=copy.user_id.lang)  # the reader is notified
            if copy.tries >= TRIES:
                copy._fail(copy.env._("The job was stopped %d times.", TRIES))
            else:
                copy.write({"state": "running", "tries": copy.tries + 1, "progress": 0})
                commit()
                copy._make_watched(commit)
            if not commit(1):
                break

    def _make_watched(self, commit):
        """Create the workbook and show its progress; store an error as a text for the reader.

        All sheets are read in one transaction, so that they show the same moment. It ends before the result is
        written, because another cursor wrote the progress meanwhile and the two would conflict.
        """
        try:
            with self.env.cr.savepoint():
                made = self._compute(self._progress_reporter())
            commit()
            with self.env.cr.savepoint():
                if self.exists():  # nobody has deleted it meanwhile
                    self._store(*made)
                    self._notify(self.env._("Your workbook is ready: %s", self.name))
        except RACES:  # another transaction won: the job is run again
            raise
        except Exception as error:
            if isinstance(error, UserError):  # access errors, too
                said = str(error)
            else:
                _logger.exception("Workbook %s could not be created", self.id)
                said = self.env._("An error occurred. Your administrator can find it in the log.")
            commit()
            self._fail(said)

    def _fail(self, said):
        self.exists().write({"state": "failed", "error": said})
        self._notify(self.env._("Your workbook could not be created: %s", said))

    def _notify(self, message):
        self.user_id._bus_send(
            "simple_notification",
            {"title": self.env._("Workbook"), "message": message, "type": "info", "sticky": True},
        )

    def _progress_reporter(self):
        """Return a function that writes the progress with another cursor now and then, so that users can see it."""
        last = [time.monotonic()]

        def report_progress(percent):
            if time.monotonic() - last[0] < TELL_SECONDS:
                return
            last[0] = time.monotonic()
            with self.pool.cursor() as cr:
                cr.execute(
                    SQL(
                        "UPDATE customer_success_workbook_copy SET progress = %s WHERE id = %s",
                        percent,
                        self.id,
                    )
                )

        return report_progress

    @api.autovacuum
    def _gc_old(self):
        """Delete workbooks that are older than the number of days in the settings."""
        days = self.env["customer.success.settings"]._limit("workbook_keep_days")
        old = self.search(
            [("date", "<", fields.Datetime.subtract(fields.Datetime.now(), days=days))]
        )
        old.unlink()

    def action_download(self):
        """Open the file in the browser."""
        self.ensure_one()
        self.check_access("read")
        self.env["customer.success.workbook"]._check_export()
        if not self.attachment_id:
            raise UserError(self.env._("This workbook is not ready yet."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "download",
        }

"""Take the pictures of README.md and docs/ again: the screens of each role, on a desk and on a phone."""

import base64
import io
import re
import subprocess
import tempfile
import time
from pathlib import Path

import browser
import requests
from PIL import Image, ImageOps
from playwright import sync_api

from devtools import paths, programs
from devtools.console import Trouble, step

IMAGES = paths.ROOT / "docs" / "images"
DESCRIPTION = paths.ROOT / "customer_success" / "static" / "description"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844, "scale": 2, "phone": True}
PAPER = {"width": 900, "height": 1270}
PAUSE_SECONDS = 0.3  # between what was loaded and what is asked for then
SETTLE_SECONDS = 0.6  # for animations and late images
COLOURS = 256  # of a picture's palette: screens have few, and the file is a third

# Customers of the demo data, by reference, whose screens tell most
TOLD = "C-1005"  # machine and CSM disagree
SHOWN = "C-1010"  # some of what is known of it is shared with it
LEAVING = "C-1007"  # critical, uses it less from month to month, and somebody sells to them


def add_arguments(parser):
    parser.add_argument(
        "--only",
        nargs="+",
        default=[""],
        help="take only pictures whose name contains one of these",
    )
    parser.add_argument(
        "--into", type=Path, default=IMAGES, help="directory to write to (default: docs/images)"
    )


def main(base_url, logins, args):
    accounts = {login: password for _role, login, password in logins}
    missing = {"csm", "sales", "manager"} - accounts.keys()
    if missing:
        raise Trouble(f"no login {', '.join(sorted(missing))} in {paths.LOGINS}")
    args.into.mkdir(parents=True, exist_ok=True)
    with browser.chromium() as chromium:
        wanted = [one for one in PICTURES if any(part in one[0] for part in args.only)]
        for name, login, take, screen in wanted:
            with step(f"{name}.png"), browser.page_of(chromium, **screen) as page:
                visit = Visit(page, base_url, login, accounts[login])
                try:
                    take(visit)
                except (Trouble, sync_api.Error) as error:
                    page.screenshot(path=paths.LOGS / "pictures-failed.png")
                    raise Trouble(
                        f"{name}: {str(error).splitlines()[0]}",
                        f"what is there: {paths.LOGS}/pictures-failed.png",
                    ) from None
                time.sleep(SETTLE_SECONDS)
                save(page.screenshot(), args.into / f"{name}.png")
        if args.into == IMAGES and args.only == [""]:
            with step("cover.png"), browser.page_of(chromium, width=1120, height=560) as page:
                page.set_content(cover())
                time.sleep(SETTLE_SECONDS)
                save(page.screenshot(), DESCRIPTION / "cover.png")
    return 0


def save(png, path):
    """Write with a palette: the same picture, in a third of the bytes."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


class Visit:
    """A user logged in over HTTP, whose session the page shares."""

    def __init__(self, page, base_url, login, password):
        self.page = page
        self.base_url = base_url
        self.http = requests.Session()
        self.http.trust_env = False
        text = self.http.get(f"{base_url}/web/login", timeout=60).text
        form = {
            "login": login,
            "password": password,
            "csrf_token": re.search(r'name="csrf_token" value="(\w+)"', text)[1],
        }
        answer = self.http.post(f"{base_url}/web/login", data=form, timeout=60)
        if answer.url.endswith("/web/login"):
            raise Trouble(f"{login} cannot log in: {base_url}/web/login refused the password")
        user = self.call("res.users", "search_read", [("login", "=", login)], ["company_ids"])[0]
        # All companies of the user ticked, as in the menu at the top right.
        companies = "-".join(str(company) for company in sorted(user["company_ids"]))
        cookies = {"session_id": self.http.cookies["session_id"], "cids": companies}
        page.context.add_cookies(
            [{"name": name, "value": value, "url": base_url} for name, value in cookies.items()]
        )
        self.companies = user["company_ids"]

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model as this user."""
        context = {"allowed_company_ids": getattr(self, "companies", [])} if args else {}
        params = {
            "model": model,
            "method": method,
            "args": args,
            "kwargs": {"context": context, **kwargs},
        }
        answer = self.http.post(
            f"{self.base_url}/web/dataset/call_kw/{model}/{method}",
            json={"jsonrpc": "2.0", "method": "call", "params": params},
            timeout=60,
        ).json()
        if "error" in answer:
            raise Trouble(f"{model}.{method}: {answer['error']['data']['message']}")
        return answer["result"]

    def customer(self, reference):
        """The id of the customer with this reference."""
        return self.call("res.partner", "search", [("ref", "=", reference)])[0]

    def open(self, path, selector, *, below="odoo/"):
        """Open a page of the web client and wait until it shows what is looked for."""
        self.page.goto(f"{self.base_url}/{below}{path}", wait_until="commit")
        self.wait_for(selector)

    def wait_for(self, selector):
        """Return once something of this kind is there and nothing is being loaded, now and a moment later."""
        for pause in (PAUSE_SECONDS, 0):
            try:
                self.page.wait_for_function(
                    "selector => document.querySelector(selector)"
                    " && !document.querySelector('.o_loading_indicator, .o_blockUI')",
                    arg=selector,
                )
            except sync_api.TimeoutError:
                raise Trouble(f"{selector} did not appear within {browser.SECONDS} s") from None
            time.sleep(pause)

    def click(self, selector):
        """Click without moving the pointer there, which would show on the picture."""
        self.page.locator(selector).first.dispatch_event("click")

    def scroll_to(self, selector):
        """Bring this into view, at the top left below the bars."""
        self.page.locator(selector).first.evaluate(
            "element => {"
            " element.style.scrollMargin = '60px 0 0 16px';"
            " element.scrollIntoView({block: 'start', inline: 'start'}); }"
        )


# ----------------------------------------------------------------------------------------------
# The screens
# ----------------------------------------------------------------------------------------------


def my_customers(visit):
    visit.open("my-customers", ".o_kanban_record:not(.o_kanban_ghost)")


def my_customers_phone(visit):
    my_customers(visit)
    visit.scroll_to(".o_kanban_group:has(.o_kanban_record + .o_kanban_record)")


def customer(visit):
    visit.open(f"my-customers/{visit.customer(TOLD)}", ".o_success_explanation")


def customer_phone(visit):
    customer(visit)
    visit.scroll_to(".o_notebook")


def my_day(visit):
    """Show all activities of the playbooks, not only today's: those of the demo data are due over weeks."""
    visit.open("my-day", ".o_list_view, .o_kanban_view")


def barriers(visit):
    visit.open("success-barriers", ".o_kanban_record:not(.o_kanban_ghost)")


def barrier(visit):
    found = visit.call("customer.success.barrier", "search", [("state", "=", "removing")])[0]
    visit.open(f"success-barriers/{found}", ".o_form_view .o_field_widget[name='number']")


def portal(visit):
    visit.open("my/success/barriers", ".o_portal_wrap", below="")


def use(visit):
    """The chart of use, once the explanation above it is there and no longer moves it."""
    visit.open(f"my-customers/{visit.customer(LEAVING)}", ".o_success_explanation")
    visit.wait_for(".o_success_chart canvas")
    visit.scroll_to(".o_success_usage_chart")


def conversation(visit):
    customer(visit)
    visit.click("button[name='action_success_prepare']")
    visit.wait_for(".o_field_widget[name='line_ids'] :is(.o_data_row, .o_kanban_record)")


def renewal(visit):
    """The renewal of the customer that may leave: its risk, and why."""
    domain = [("partner_id", "=", visit.customer(LEAVING)), ("outcome", "=", "pending")]
    found = visit.call("customer.success.renewal", "search", domain)[0]
    visit.open(f"success-renewals/{found}", ".o_success_explanation")


def history(visit):
    visit.open(f"my-customers/{visit.customer(LEAVING)}", ".o_success_explanation")
    visit.click(".o_notebook .nav-link[name='success_history']")
    visit.wait_for(".o_widget_success_history_chart canvas")
    visit.scroll_to(".o_widget_success_history_chart")


def risk_model(visit):
    found = visit.call("customer.success.risk.version", "search", [])[0]
    visit.open(f"success-risk-model/{found}", ".o_form_view .o_field_widget[name='report'] table")


def dashboard(visit):
    visit.open("success-dashboard", ".o_success_dashboard canvas")


def symptoms(visit):
    visit.open("success-symptoms", ".o_list_view .o_data_row")


def who_was_right(visit):
    visit.open("success-who-was-right", ".o_pivot table")


def pipeline(visit):
    visit.open("crm", ".o_kanban_record .badge")


def sales_renewals(visit):
    visit.open("pipeline-renewals", ".o_kanban_record .badge")


def sales_renewal(visit):
    domain = [("partner_id", "=", visit.customer(LEAVING)), ("outcome", "=", "pending")]
    renewal = visit.call("customer.success.sales.renewal", "search", domain)[0]
    visit.open(f"pipeline-renewals/{renewal}", ".o_success_explanation")


def barrier_check(visit):
    customer(visit)
    visit.click("button[name='action_success_check_barriers']")
    visit.wait_for(".modal .o_field_widget[name='line_ids'] :is(.o_data_row, .o_kanban_record)")


def lead(visit):
    domain = [("partner_id.commercial_partner_id", "=", visit.customer(LEAVING))]
    lead_id = visit.call("crm.lead", "search", domain)[0]
    visit.open(f"crm.lead/{lead_id}", ".o_notebook .nav-link[name='customer_success']")
    visit.click(".o_notebook .nav-link[name='customer_success']")
    visit.wait_for(".o_success_explanation")


def retention(visit):
    visit.open("success-retention", ".o_pivot table")


def retention_list(visit):
    visit.open("success-retention?view_type=list", ".o_list_view .o_data_row, .o_kanban_view")


def expected(visit):
    visit.open("success-expected", ".o_pivot table")


def renewal_brief(visit):
    """Show the page that the button at the top of a renewal prints, before it becomes a PDF."""
    customer = visit.customer(LEAVING)
    domain = [("partner_id", "=", customer), ("outcome", "=", "pending")]
    found = visit.call("customer.success.renewal", "search", domain)[0]
    address = f"report/html/customer_success.renewal_brief/{found}"
    visit.open(address, ".o_success_brief", below="")


def customer_brief(visit):
    address = f"report/html/customer_success.customer_brief/{visit.customer(SHOWN)}"
    visit.open(address, ".o_success_brief", below="")


def customer_list(visit):
    visit.open("all-customers", ".o_list_view .o_data_row")


def wizard(visit):
    visit.open("action-customer_success.customer_success_workbook_wizard_action", ".o_form_view")


def schedule(visit):
    found = visit.call("customer.success.workbook.schedule", "search", [])[0]
    visit.open(f"success-workbooks-by-mail/{found}", ".o_form_view .o_field_widget[name='weekday']")


def copies(visit):
    """Two workbooks made, so that there is something kept."""
    for _time in range(2):
        make_workbook(visit)
    visit.open("success-workbooks", ":is(.o_list_view .o_data_row, .o_kanban_record)")


def make_workbook(visit):
    """The content of the workbook that the manager downloads."""
    made = visit.call("customer.success.workbook.wizard", "create", [{"scope": "all"}])
    action = visit.call("customer.success.workbook.wizard", "action_download", made)
    return visit.http.get(visit.base_url + action["url"], timeout=120).content


def workbook(visit):
    """The first sheet as a spreadsheet draws it: fetched as the manager would, printed by LibreOffice."""
    make_workbook(visit)
    content = make_workbook(visit)
    visit.page.set_content(PAGE % base64.b64encode(printed(content)).decode())


PICTURES = (
    ("csm_my_customers", "csm", my_customers, DESK),
    ("csm_my_customers_phone", "csm", my_customers_phone, PHONE),
    ("csm_customer", "csm", customer, DESK),
    ("csm_customer_phone", "csm", customer_phone, PHONE),
    ("csm_my_day", "csm", my_day, DESK),
    ("csm_my_day_phone", "csm", my_day, PHONE),
    ("csm_use", "csm", use, DESK),
    ("csm_use_phone", "csm", use, PHONE),
    ("csm_conversation", "csm", conversation, DESK),
    ("csm_conversation_phone", "csm", conversation, PHONE),
    ("csm_barriers", "csm", barriers, DESK),
    ("csm_barrier", "csm", barrier, DESK),
    ("csm_barrier_check", "csm", barrier_check, DESK),
    ("csm_symptoms", "csm", symptoms, DESK),
    ("csm_renewal", "csm", renewal, DESK),
    ("csm_renewal_phone", "csm", renewal, PHONE),
    ("csm_history", "csm", history, DESK),
    ("manager_risk_model", "manager", risk_model, DESK),
    ("manager_dashboard", "manager", dashboard, {**DESK, "height": 2000}),
    ("manager_dashboard_phone", "manager", dashboard, {**PHONE, "height": 2400}),
    ("csm_dashboard", "csm", dashboard, {**DESK, "height": 2000}),
    ("csm_dashboard_phone", "csm", dashboard, {**PHONE, "height": 2400}),
    ("manager_who_was_right", "manager", who_was_right, DESK),
    ("sales_pipeline", "sales", pipeline, DESK),
    ("sales_lead", "sales", lead, DESK),
    ("sales_renewals", "sales", sales_renewals, DESK),
    ("sales_renewal", "sales", sales_renewal, DESK),
    ("sales_renewals_phone", "sales", sales_renewals, PHONE),
    ("manager_list", "manager", customer_list, DESK),
    ("manager_retention", "manager", retention, DESK),
    ("manager_retention_list", "manager", retention_list, DESK),
    ("manager_retention_phone", "manager", retention_list, PHONE),
    ("manager_expected", "manager", expected, DESK),
    ("csm_renewal_brief", "csm", renewal_brief, PAPER),
    ("csm_customer_brief", "csm", customer_brief, PAPER),
    ("portal_barriers", "portal-customer", portal, PHONE),
    ("manager_workbook", "manager", workbook, DESK),
    ("manager_workbook_wizard", "manager", wizard, DESK),
    ("manager_workbook_wizard_phone", "manager", wizard, PHONE),
    ("manager_workbook_schedule", "manager", schedule, DESK),
    ("manager_workbook_schedule_phone", "manager", schedule, PHONE),
    ("manager_workbook_copies", "manager", copies, DESK),
    ("manager_workbook_copies_phone", "manager", copies, PHONE),
)


# ----------------------------------------------------------------------------------------------
# The cover of the addon, from its icon and a picture
# ----------------------------------------------------------------------------------------------

COVER = """<style>
body { margin: 0; background: #17504f; color: #fff; font: 20px "DejaVu Sans", sans-serif; overflow: hidden; }
.text { position: absolute; left: 48px; top: 120px; width: 330px; line-height: 1.5; }
.text svg { width: 96px; height: 96px; } h1 { font-size: 38px; margin: 18px 0; line-height: 1.15; }
img { position: absolute; left: 420px; top: 56px; width: 900px; border-radius: 8px;
      box-shadow: 0 8px 40px #0008; }
</style><div class="text">%s<h1>Customer Success</h1>Going live is a milestone. Success is use that lasts.
</div><img src="data:image/png;base64,%s"/>"""


def cover():
    """The page that the cover is a picture of."""
    icon = (DESCRIPTION / "icon.svg").read_text()
    screen = base64.b64encode((IMAGES / "csm_customer.png").read_bytes()).decode()
    return COVER % (icon, screen)


# ----------------------------------------------------------------------------------------------
# A workbook as a page
# ----------------------------------------------------------------------------------------------

PAGE = """<style>body { margin: 0; background: #fff; } img { width: 1280px; }</style>
<img src="data:image/png;base64,%s"/>"""
DOTS_PER_INCH = 160
MARGIN = 24  # pixels kept around what is printed


def printed(content):
    """The first page of a workbook as PNG, without its empty margins and footer."""
    programs.OFFICE.ensure()
    programs.POPPLER.ensure()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "book.xlsx"
        path.write_bytes(content)
        for command in (
            [
                programs.OFFICE.find(),
                "--headless",
                f"-env:UserInstallation=file://{directory}/profile",
                "--convert-to",
                "pdf",
                "--outdir",
                directory,
                path,
            ],
            [
                programs.POPPLER.find(),
                *("-png", "-singlefile", "-f", "1", "-l", "1", "-r", str(DOTS_PER_INCH)),
                path.with_suffix(".pdf"),
                path.with_suffix(""),
            ],
        ):
            subprocess.run([str(part) for part in command], check=True, capture_output=True)
        page = Image.open(path.with_suffix(".png")).convert("RGB")
    body = page.crop((0, 0, page.width, round(page.height * 0.95)))
    left, top, right, bottom = ImageOps.invert(body).getbbox()
    body = body.crop((left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN))
    picture = io.BytesIO()
    body.save(picture, "PNG")
    return picture.getvalue()

"""Take the pictures of README.md and docs/ again: the screens of each role, on a desk and on a phone."""

import base64
import html
import io
import json
import re
import time
from pathlib import Path

import devtools_protocol
import openpyxl
import requests
from openpyxl.utils import get_column_letter
from PIL import Image

from devtools import paths
from devtools.console import Trouble, step

IMAGES = paths.ROOT / "docs" / "images"
DESCRIPTION = paths.ROOT / "customer_success" / "static" / "description"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844, "scale": 2, "phone": True}
PAPER = {"width": 900, "height": 1270}
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
    with devtools_protocol.Browser() as browser:
        wanted = [one for one in PICTURES if any(part in one[0] for part in args.only)]
        for name, login, take, screen in wanted:
            with step(f"{name}.png"):
                browser.set_screen(**screen)
                visit = Visit(browser, base_url, login, accounts[login])
                try:
                    take(visit)
                except Trouble as trouble:
                    (paths.LOGS / "pictures-failed.png").write_bytes(browser.picture())
                    raise Trouble(
                        f"{name}: {trouble.wrong}",
                        f"what is there: {paths.LOGS}/pictures-failed.png",
                    ) from None
                time.sleep(SETTLE_SECONDS)
                save(browser.picture(), args.into / f"{name}.png")
        if args.into == IMAGES and args.only == [""]:
            with step("cover.png"):
                browser.set_screen(1120, 560)
                browser.show(cover())
                time.sleep(SETTLE_SECONDS)
                save(browser.picture(), DESCRIPTION / "cover.png")
    return 0


def save(png, path):
    """Write with a palette: the same picture, in a third of the bytes."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


class Visit:
    """A user logged in over HTTP, whose session the browser shares."""

    def __init__(self, browser, base_url, login, password):
        self.browser = browser
        self.base_url = base_url
        self.http = requests.Session()
        self.http.trust_env = False
        page = self.http.get(f"{base_url}/web/login", timeout=60).text
        form = {
            "login": login,
            "password": password,
            "csrf_token": re.search(r'name="csrf_token" value="(\w+)"', page)[1],
        }
        answer = self.http.post(f"{base_url}/web/login", data=form, timeout=60)
        if answer.url.endswith("/web/login"):
            raise Trouble(f"{login} cannot log in: {base_url}/web/login refused the password")
        user = self.call("res.users", "search_read", [("login", "=", login)], ["company_ids"])[0]
        # All companies of the user ticked, as in the menu at the top right.
        companies = "-".join(str(company) for company in sorted(user["company_ids"]))
        cookies = {"session_id": self.http.cookies["session_id"], "cids": companies}
        browser.set_cookies(base_url, cookies)
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

    def open(self, path, selector):
        """Open a page of the web client and wait until it shows what is looked for."""
        self.browser.open(f"{self.base_url}/odoo/{path}")
        self.wait_for(selector)

    def wait_for(self, selector):
        self.browser.wait_for(
            f"document.querySelector({json.dumps(selector)})"
            " && !document.querySelector('.o_loading_indicator, .o_blockUI')",
            selector,
        )

    def click(self, selector):
        self.browser.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def scroll_to(self, selector):
        """Bring this into view, at the top left below the bars."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.browser.evaluate(
            f"{element}.style.scrollMargin = '60px 0 0 16px';"
            f"{element}.scrollIntoView({{block: 'start', inline: 'start'}})"
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
    """What the plays make of the demo's past is due over weeks: all of it is shown, not today's alone."""
    visit.open("my-day", ".o_list_view, .o_kanban_view")


def barriers(visit):
    visit.open("success-barriers", ".o_kanban_record:not(.o_kanban_ghost)")


def barrier(visit):
    found = visit.call("customer.success.barrier", "search", [("state", "=", "removing")])[0]
    visit.open(f"success-barriers/{found}", ".o_form_view .o_field_widget[name='number']")


def portal(visit):
    visit.browser.open(f"{visit.base_url}/my/success/barriers")
    visit.browser.wait_for("document.querySelector('.o_portal_wrap')", ".o_portal_wrap")


def use(visit):
    visit.open(f"my-customers/{visit.customer(LEAVING)}", ".o_success_chart canvas")
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
    visit.wait_for(".o_field_widget[name='success_history_chart'] canvas")
    visit.scroll_to(".o_field_widget[name='success_history_chart']")


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
    """What the button at the top of a renewal prints, before it becomes a PDF."""
    customer = visit.customer(LEAVING)
    domain = [("partner_id", "=", customer), ("outcome", "=", "pending")]
    found = visit.call("customer.success.renewal", "search", domain)[0]
    visit.browser.open(f"{visit.base_url}/report/html/customer_success.renewal_brief/{found}")
    visit.browser.wait_for("document.querySelector('.o_success_brief')", ".o_success_brief")


def customer_brief(visit):
    address = f"report/html/customer_success.customer_brief/{visit.customer(SHOWN)}"
    visit.browser.open(f"{visit.base_url}/{address}")
    visit.browser.wait_for("document.querySelector('.o_success_brief')", ".o_success_brief")


def customer_list(visit):
    visit.open("all-customers", ".o_list_view .o_data_row")


def workbook(visit):
    """The sheet as Excel shows it: fetched as the manager would, and drawn from its cells."""
    wizard = visit.call("customer.success.workbook.wizard", "create", {"scope": "all"})
    content = visit.http.get(f"{visit.base_url}/customer_success/workbook/{wizard}", timeout=60)
    book = openpyxl.load_workbook(io.BytesIO(content.content), data_only=True)
    visit.browser.show(draw(book))


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

PAGE = """<style>
body { margin: 0; font: 13px Carlito, Calibri, "DejaVu Sans Condensed", sans-serif; background: #fff; }
table { border-collapse: collapse; table-layout: fixed; width: 0; }
td, th { border: 1px solid #d8d8d8; height: 19px; padding: 0 3px; overflow: hidden; white-space: nowrap; }
th { background: #e8e8e8; color: #555; font-weight: normal; text-align: center; }
.tabs { position: fixed; bottom: 0; left: 0; right: 0; background: #e8e8e8; padding: 5px 40px; }
.tabs span { padding: 5px 18px; } .tabs span:first-child { background: #fff; font-weight: bold; }
</style><table>%s</table><div class="tabs">%s</div>"""
CHARACTER = 7  # pixels of a column's width unit


def draw(book):
    """The first sheet of a workbook, as a page that looks like the spreadsheet."""
    sheet = book.worksheets[0]
    columns = range(1, sheet.max_column + 1)
    letters = [get_column_letter(column) for column in columns]
    widths = column_widths(sheet)
    colours = band_colours(sheet)
    lines = ["<col style='width:34px'>"]
    lines += [f"<col style='width:{widths.get(column, 64)}px'>" for column in columns]
    lines.append("<tr><th></th>" + "".join(f"<th>{letter}</th>" for letter in letters) + "</tr>")
    for row in sheet.iter_rows():
        cells = "".join(draw_cell(cell, colours) for cell in row)
        lines.append(f"<tr><th>{row[0].row}</th>{cells}</tr>")
    tabs = "".join(f"<span>{html.escape(name)}</span>" for name in book.sheetnames)
    return PAGE % ("".join(lines), tabs)


def column_widths(sheet):
    """Pixels by column number; neighbours of one width share one entry."""
    return {
        column: round(group.width * CHARACTER) + 5
        for group in sheet.column_dimensions.values()
        for column in range(group.min, group.max + 1)
    }


def draw_cell(cell, colours):
    style = []
    fill = colours.get((cell.column_letter, cell.value)) or solid(cell.fill)
    if fill:
        style.append(f"background:#{fill}")
    if cell.font.b:
        style.append("font-weight:bold")
    if cell.font.i:
        style.append("font-style:italic")
    if cell.font.sz and cell.font.sz > 11:
        style.append(f"font-size:{cell.font.sz + 3:.0f}px")
    if cell.row < 3:  # the title runs over the cells beside it
        style.append("overflow:visible;border-color:transparent #fff")
    elif cell.alignment.wrap_text:
        style.append("white-space:normal;vertical-align:top")
    if isinstance(cell.value, (int, float)):
        style.append("text-align:right")
    return f"<td style='{';'.join(style)}'>{html.escape(shown(cell))}</td>"


def shown(cell):
    """The text of a cell in the number format it has."""
    value = cell.value
    if value is None:
        return ""
    if cell.is_date:
        return value.strftime("%Y-%m-%d")
    if not isinstance(value, (int, float)):
        return str(value)
    decimals = len(cell.number_format.partition(".")[2].rstrip("%"))
    if cell.number_format.endswith("%"):
        return f"{value:.{decimals}%}"
    return f"{value:,.{decimals}f}"


def solid(fill):
    return fill.fgColor.rgb[2:] if fill.fill_type == "solid" else None


def band_colours(sheet):
    """The colours that conditional formats give: ``{(column letter, text): colour}``."""
    found = {}
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            match = re.fullmatch(r'\$?([A-Z]+)\$?\d+="(.*)"', rule.formula[0])
            if match:
                found[match.groups()] = rule.dxf.fill.bgColor.rgb[2:]
    return found

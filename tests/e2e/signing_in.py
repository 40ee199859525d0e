"""How the administrator of a running portal signs in by its page."""

from playwright.sync_api import Page

from tests.e2e.running import Portal


def sign_in(page: Page, portal: Portal) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Name or e-mail address").fill("admin")
    page.get_by_label("Password", exact=True).fill(portal.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{portal.url}/")

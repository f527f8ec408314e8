"""Everything but dropping, pasting, drawing and scrolling on works without JavaScript."""

from __future__ import annotations

CARDS = "#results .cards > li"


def test_upload_crop_filter_and_more_by_forms_and_links(visit, shop):
    page = visit("/", java_script_enabled=False)
    page.get_by_label("Picture (JPEG").set_input_files(shop / "images" / "bag-0024.jpg")
    page.get_by_role("button", name="Find what looks like it").click()
    page.wait_for_url("**/similar?upload=*")
    assert page.locator(CARDS).count() == 24

    page.get_by_text("Crop by numbers").click()
    for label, value in (("Left", 60), ("Top", 80), ("Width", 300), ("Height", 320)):
        page.get_by_label(label, exact=True).fill(str(value))
    page.get_by_role("button", name="Look at this part").click()
    page.wait_for_url("**crop_x=60*")
    assert page.locator(".cropping svg.part rect").get_attribute("width") == "300"

    page.get_by_role("link", name="Show more").click()
    page.wait_for_url("**cursor=*")
    assert "crop=60%2C80%2C300%2C320" in page.url
    assert page.locator(CARDS).count() == 24

    page.locator("#refine summary").click()
    page.get_by_role("checkbox", name="Tessel").check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**is.brand=Tessel*")
    assert "crop=60%2C80%2C300%2C320" in page.url
    assert page.locator(CARDS).count() >= 1


def test_columns_details_and_price_rows_by_links(visit):
    page = visit("/similar?id=7", java_script_enabled=False)
    page.get_by_role("link", name="Side by side").click()
    page.wait_for_url("**view=columns*")
    assert page.locator(".columns section").count() >= 2
    page.locator(".columns .name").first.click()
    page.wait_for_url("**/pictures/*")
    assert page.locator(".price-row .card").count() >= 6
    page.get_by_role("link", name="Back to the results").click()
    page.wait_for_url("**/similar?id=7*view=columns*")

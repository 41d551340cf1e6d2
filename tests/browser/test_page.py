"""Pages in a real browser: what people see of them, and what they can do.

Screenshots go to build/browser/.
"""
import itertools
import pathlib
import urllib.parse

import pytest
from conftest import PAGES, ROOT

WIDTHS = (360, 768, 1440)
SCHEMES = ("light", "dark")
PAPER_PX = 718  # A4 less margins of 12 mm, at 96 px an inch
CONTRAST = 4.5  # WCAG 2.2, 1.4.3
SHOTS = ROOT / "build" / "browser"

# The two that hold everything are looked at from everywhere, the others from the far ends.
FAR_ENDS = ((360, "light"), (1440, "dark"))
VIEWS = [(page, width, scheme) for page in PAGES for width, scheme in itertools.product(WIDTHS, SCHEMES)
         if page in ("sample", "report") or (width, scheme) in FAR_ENDS]


def assert_well(browser, width):
    assert browser.check("overflow", width) == []
    assert browser.check("clipped") == []
    assert browser.check("overlaps") == []
    assert browser.check("contrast", CONTRAST) == []


def key(name):
    from selenium.webdriver.common.keys import Keys

    return getattr(Keys, name)


def path_of(url):
    return pathlib.Path(urllib.parse.unquote(urllib.parse.urlparse(url).path))


# ---- the checks themselves --------------------------------------------------------------------

# What each is for, planted one after the other into a page that was well.
PLANTED = {
    "foreign": ("document.querySelector('h2').append(document.createElement('b'))", []),
    "overflow": ("document.querySelector('h2').after(Object.assign(document.createElement('div'), { id: 'planted' }));"
                 "planted.style.cssText = 'width: 500px; height: 9px'", [360]),
    "clipped": ("const p = document.querySelector('p + p'); p.style.cssText = 'width: 30px; white-space: nowrap'", []),
    "overlaps": ("document.querySelectorAll('tbody td')[1].style.cssText = 'position: relative; left: -140px'", []),
    "contrast": ("document.querySelector('.badge').style.color = '#777'", [CONTRAST]),
    "small": ("document.querySelector('.picture svg').style.width = '200px'", [12, 9]),
    "targets": ("document.querySelectorAll('th').forEach((t) => { t.style.cssText = 'padding: 0; font-size: 9px; line-height: 1' })", [24]),
    "dangling": ("document.querySelector('h2').id = 'elsewhere'", []),
    "ids": ("document.querySelector('h3').id = document.querySelector('h2').id", []),
}


def test_each_check_finds_what_it_is_for_and_nothing_before(browser, sample_page):
    browser.open(sample_page, width=360)
    browser.touched()
    for check, (script, arguments) in PLANTED.items():
        assert browser.check(check, *arguments) == [], check
        browser.run(script)
        assert browser.check(check, *arguments) != [], check


# ---- any page --------------------------------------------------------------------------


def test_a_page_loads_without_a_complaint_and_without_the_network(browser, page):
    browser.open(page)
    assert browser.console() == []
    asked = {url for url in browser.requests() if url != "about:blank"}
    assert page.as_uri() in asked
    assert all(url.startswith("file:") and path_of(url).parent == page.parent for url in asked), asked


def test_a_page_is_legible_and_nothing_sticks_out(browser, page):
    browser.show(page, width=360)
    assert_well(browser, 360)


@pytest.mark.parametrize("page, width, scheme", VIEWS, indirect=["page"])
def test_what_is_folded_is_legible_when_it_is_opened(browser, page, width, scheme):
    browser.show(page, width=width, scheme=scheme)
    browser.run("document.querySelectorAll('details').forEach((d) => d.open = true)")
    browser.look(width=width, scheme=scheme)
    assert_well(browser, width)
    assert width > 360 or browser.check("targets", 24) == []
    if (width, scheme) in FAR_ENDS or (width != 768 and page.stem == "report"):
        browser.shot(SHOTS / f"{page.stem}-{width}-{scheme}.png")
    browser.run("document.querySelectorAll('details').forEach((d) => d.open = false)")


def test_a_phone_shows_no_letters_that_are_too_small_to_read(browser, page):
    browser.show(page, width=360)
    assert browser.check("small", 12, 9) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_paper_shows_what_is_folded_in_black_on_white(browser, page, scheme):
    browser.show(page, width=1440)
    folded = browser.run("return document.querySelectorAll('details:not([open])').length")
    browser.look(width=PAPER_PX, scheme=scheme, media="print")
    assert browser.run("return document.querySelectorAll('details:not([open])').length") == 0
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.check("overflow", PAPER_PX) == []
    assert browser.check("clipped") == []
    assert browser.check("contrast", CONTRAST) == []
    assert browser.check("small", 8, 8) == []  # 6 pt
    assert browser.run("return [...document.querySelectorAll('.table, .picture')].filter("
                       "(e) => getComputedStyle(e).overflowX !== 'visible').length") == 0
    if scheme == "light" and page.stem == "report":
        browser.shot(SHOTS / f"{page.stem}-print.png")
    browser.look()
    browser.wait("document.querySelectorAll('details:not([open])').length === arguments[0]", folded)


def test_ids_are_unique_and_references_lead_somewhere(browser, page):
    browser.show(page)
    assert browser.check("ids") == []
    assert browser.check("dangling") == []
    links = browser.run("return [...document.links].filter((a) => !a.getAttribute('href').startsWith('#')).map((a) => a.href)")
    assert [url for url in links if not url.startswith("file:") or not path_of(url).exists()] == []


def test_text_stays_text(browser, page):
    browser.open(page)
    assert browser.check("foreign") == []


# ---- the page whose content is known -----------------------------------------------------

SORTED = "const table = document.getElementById('sorting').nextElementSibling.querySelector('table');"
AS_WRITTEN = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
BY_VALUE = ["delta", "alpha", "beta", "epsilon", "gamma", "zeta"]
BY_VALUE_DOWN = ["epsilon", "beta", "alpha", "delta", "gamma", "zeta"]


def names(browser):
    return browser.run(SORTED + "return [...table.tBodies[0].rows].map((r) => r.cells[0].textContent)")


def orders(browser):
    return browser.run(SORTED + "return [...table.tHead.rows[0].cells].map((t) => t.getAttribute('aria-sort'))")


def button(browser, column):
    return browser.run(SORTED + f"return table.tHead.rows[0].cells[{column}].querySelector('button')")


def test_a_click_sorts_up_then_down_then_as_it_was(browser, sample_page):
    browser.open(sample_page)
    assert names(browser) == AS_WRITTEN
    for expected, order in ((BY_VALUE, "ascending"), (BY_VALUE_DOWN, "descending"), (AS_WRITTEN, None)):
        button(browser, 1).click()
        assert names(browser) == expected
        assert orders(browser) == [None, order, None]


def test_text_sorts_with_its_numbers_by_value_and_what_is_missing_last(browser, sample_page):
    browser.open(sample_page)
    button(browser, 1).click()
    button(browser, 2).click()
    assert names(browser) == ["epsilon", "zeta", "beta", "alpha", "delta", "gamma"]
    assert orders(browser) == [None, None, "ascending"]  # one column at a time
    button(browser, 2).click()
    assert names(browser) == ["delta", "alpha", "beta", "zeta", "epsilon", "gamma"]


@pytest.mark.parametrize("pressed", ["ENTER", "SPACE"])
def test_the_keyboard_reaches_and_sorts_a_column_and_shows_where_it_is(browser, sample_page, pressed):
    browser.open(sample_page)
    browser.run(SORTED + "table.tHead.rows[0].cells[0].querySelector('button').focus()")
    browser.driver.switch_to.active_element.send_keys(key("TAB"))
    focused = browser.driver.switch_to.active_element
    assert focused == button(browser, 1)
    assert browser.run("const e = document.activeElement;"
                       "return [e.matches(':focus-visible'), getComputedStyle(e).outlineStyle]") == [True, "solid"]
    focused.send_keys(key(pressed))
    assert names(browser) == BY_VALUE
    assert orders(browser) == [None, "ascending", None]
    assert browser.driver.switch_to.active_element == focused


def test_a_wide_table_scrolls_in_its_box_and_keeps_its_first_column(browser, sample_page):
    browser.open(sample_page, width=360)
    browser.touched()
    wide, left, cell, first, at = browser.run("""
        const box = [...document.querySelectorAll('.table')].find((b) => b.scrollWidth > 2 * b.clientWidth);
        box.scrollIntoView({ block: 'center' });
        box.scrollLeft = box.scrollWidth;
        const cell = box.querySelector('tbody td'), r = cell.getBoundingClientRect();
        const seen = document.elementFromPoint(r.left + 10, r.top + 10);
        return [box.scrollLeft, box.getBoundingClientRect().left, r.left, cell.contains(seen), scrollX];""")
    assert wide > 0
    assert cell == pytest.approx(left, abs=1)
    assert first
    assert at == 0


def test_the_titles_of_a_long_table_stay_in_view_where_it_fits(browser, sample_page):
    browser.open(sample_page, width=1440)
    browser.touched()
    top = browser.run("""
        const table = document.getElementById('long').nextElementSibling.firstElementChild;
        table.tBodies[0].rows[40].scrollIntoView({ block: 'center' });
        return table.tHead.rows[0].cells[1].getBoundingClientRect().top;""")
    assert top == pytest.approx(0, abs=1)


def test_a_link_into_a_fold_opens_it(browser, sample_page):
    browser.open(sample_page, width=360)
    fold = "document.getElementById('host-and-configuration')"
    assert browser.run(f"return {fold}.open") is False
    browser.driver.find_element("css selector", "a[href='#host-and-configuration']").click()
    browser.wait(f"{fold}.open && {fold}.getBoundingClientRect().top < innerHeight")
    browser.open(sample_page, anchor="#host-and-configuration")
    browser.wait(f"{fold}.open")


def test_badges_differ_without_colour(browser, sample_page):
    browser.show(sample_page)
    looks = browser.run("""return ['good', 'bad', 'neutral', 'void'].map((mark) =>
        getComputedStyle(document.querySelector('.badge.' + mark), '::before').content);""")
    assert len(set(looks)) == 4 and "none" not in looks


def test_a_picture_says_what_it_is_and_lies_on_a_light_card(browser, sample_page):
    browser.show(sample_page, scheme="dark")
    label, role, card = browser.run("""
        const svg = document.querySelectorAll('.picture svg')[1];
        return [svg.getAttribute('aria-label'), svg.getAttribute('role'), getComputedStyle(svg.parentElement).backgroundColor];""")
    assert (label, role) == ("the parts of this picture have the ids of the first", "img")
    assert min(int(c) for c in card[4:-1].split(",")) > 200
    assert browser.run("return document.querySelector('img').naturalWidth") > 0


def test_markup_that_got_in_could_neither_run_nor_fetch(browser, sample_page):
    browser.open(sample_page)
    browser.touched()
    browser.run("""
        window.refused = [];
        document.addEventListener('securitypolicyviolation', (e) => refused.push(e.effectiveDirective));
        const script = document.createElement('script');
        script.textContent = 'window.owned = 1';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', `<p style="color: red">x</p><p id="p" onclick="window.owned = 2">x</p>
            <img src="https://127.0.0.1:1/x.png"><iframe src="https://127.0.0.1:1/"></iframe>`);
        document.getElementById('p').click();""")
    browser.wait("['script-src-elem', 'script-src-attr', 'style-src-attr', 'img-src', 'frame-src'].every((d) => refused.includes(d))")
    assert browser.run("return window.owned") is None

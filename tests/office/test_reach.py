import pytest

from office.reach import arrived, greeting, source_code, web_link, whatsapp_link


@pytest.mark.parametrize("code", ["poster", "loket", "desa-sooko", "rt-03-rw-02", "pn2026", "a" * 32])
def test_a_source_code_goes_out_and_comes_back(code):
    assert source_code(f" {code.upper()} ") == code
    assert arrived(greeting(code)) == ("Halo Sapa", code)


@pytest.mark.parametrize(
    "value",
    [None, 7, "", "x", "a" * 33, "2026", "-poster", "poster-", "desa--sooko", "desa sooko", "désa", "<b>", "a\0b",
     "a-0812-3456-7890", "nik3516000000000001", "a-1-2-3-4-5-6-7"],
)  # fmt: skip
def test_what_is_no_source_code(value):
    assert source_code(value) is None


@pytest.mark.parametrize(
    "said, meant, code",
    [
        ("halo sapa (POSTER)", "Halo Sapa", "poster"),
        ("Halo  Sapa(poster).", "Halo Sapa", "poster"),
        ("Halo Sapa (poster) syarat KTP hilang?", "syarat KTP hilang?", "poster"),
        ("Halo Sapa (desa-sooko)\nkantore bukak jam piro", "kantore bukak jam piro", "desa-sooko"),
        ("Assalamualaikum. Halo Sapa (loket)", "Assalamualaikum.", "loket"),
        ("Halo Sapa", "Halo Sapa", None),
        ("syarat KTP (hilang)", "syarat KTP (hilang)", None),
        ("Halo Sapa () syarat KTP", "Halo Sapa () syarat KTP", None),
        ("Halo Sapa (0812-3456-7890)", "Halo Sapa (0812-3456-7890)", None),
        ("Halo Sapa (akta kelahiran)", "Halo Sapa (akta kelahiran)", None),
        ("", "", None),
    ],
)
def test_the_code_is_taken_out_of_the_message(said, meant, code):
    assert arrived(said) == (meant, code)


def test_links():
    link = "https://wa.me/620001112222?text=Halo%20Sapa%20%28poster%29"
    assert whatsapp_link("whatsapp:+620001112222", greeting("poster")) == link
    assert whatsapp_link("+620001112222", greeting("poster")) == link
    assert web_link("https://sapa.example/", "poster") == "https://sapa.example/?source=poster"

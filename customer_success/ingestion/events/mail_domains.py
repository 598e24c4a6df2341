"""The domains of mail that belong to no company, so that nobody is found by them."""

PUBLIC = frozenset(
    [
        "126.com",
        "163.com",
        "aol.com",
        "bluewin.ch",
        "btinternet.com",
        "comcast.net",
        "free.fr",
        "freenet.de",
        "gmail.com",
        "gmx.at",
        "gmx.ch",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "hotmail.co.uk",
        "hotmail.de",
        "hotmail.es",
        "hotmail.fr",
        "hotmail.it",
        "icloud.com",
        "laposte.net",
        "libero.it",
        "live.com",
        "live.fr",
        "live.nl",
        "mac.com",
        "mail.com",
        "mail.ru",
        "mailinator.com",
        "me.com",
        "msn.com",
        "naver.com",
        "orange.fr",
        "outlook.com",
        "outlook.de",
        "outlook.fr",
        "pm.me",
        "posteo.de",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "rediffmail.com",
        "seznam.cz",
        "sfr.fr",
        "skynet.be",
        "t-online.de",
        "telenet.be",
        "wanadoo.fr",
        "web.de",
        "wp.pl",
        "yahoo.co.jp",
        "yahoo.co.uk",
        "yahoo.com",
        "yahoo.com.br",
        "yahoo.de",
        "yahoo.es",
        "yahoo.fr",
        "yahoo.in",
        "yahoo.it",
        "yandex.com",
        "yandex.ru",
        "ymail.com",
        "yopmail.com",
        "zoho.com",
    ]
)


def company_domain(mail):
    """Return the domain of an e-mail address in lower case; ``None`` if it is that of no company.

    >>> company_domain("ada@acme.example.com"), company_domain("ada@gmail.com"), company_domain("ada"), company_domain("@x.y")
    ('acme.example.com', None, None, None)
    """
    name, _at, domain = mail.rpartition("@")
    if not name or "." not in domain or " " in domain or domain in PUBLIC:
        return None
    return domain

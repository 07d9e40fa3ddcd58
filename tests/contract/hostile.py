"""Names and titles by people who mean no good, for every outlet that reads markup."""

WORDS = [
    "@channel @here @everyone",
    "<!channel> <!everyone> <!subteam^S01> <@U012AB3CD> <#C012AB3CD>",
    "@alice @alice@mastodon.example alice@mastodon.example",
    "#hashtag ＃hashtag #1st",
    "[x](javascript:alert(1)) [links](https://evil.example) ](https://evil.example)",
    "https://evil.example HTTPS://EVIL.EXAMPLE www.evil.example evil.example",
    "<https://evil.example|your bank> <javascript:alert(1)|x>",
    "*bold* _italic_ ~struck~ `code` **bold** # heading\n> quote\n- list\n1. list",
    ":smile: :+1: {{DATE(2026-11-25T09:00:00Z)}} ${title} @{variables('x')}",
    "<at>Alice</at> <b>bold</b> &lt;!channel&gt; &amp; &",
    "\u202eright to left\u202c \u200f\u200e\u2066isolated",
    "NUL \0 bell \a escape \x1b[31m half \ud83d",
    "https://matrix.to/#/@alice:matrix.example <a href='https://matrix.to/#/@a:b.example'>a</a>",
    "@\u200beveryone \u200b@here\ufeff <\u200b!channel> zero\u200bwidth",
    "one line\r\nBcc: alice@mail.example\n\n[x](https://evil.example)",
    "{{7*7}} $$x$$ \\(x\\) [[evil]] %s %(x)s &#60;b&#62;",
    "a" * 10_000,
]

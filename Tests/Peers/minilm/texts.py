"""Texts that are hard to split into pieces: the same ones for the same seed."""

import random

ALPHABETS = {
    "latin": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "accents": "àáâãäåçèéêëìíîïñòóôõöùúûüýÿÀÉÎÕÜÇßœŒæÆøØłŁİıǅﬁ",
    "greek": "αβγδεζηθικλμνξοπρσςτυφχψωΑΒΓΔΘΛΣΦΨΩάέήίόύώ",
    "cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГЁёЙй",
    "hebrew": "אבגדהוזחטיכלמנסעפצקרשתךםןףץ",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءأإ",
    "devanagari": "अआइईउऊएऐओऔकखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह",
    "thai": "กขคฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮะาำ",
    "ideographs": "你好世界日本語東京漢字龍鳳中国人民電話豈更車賈滑",
    "kana": "あいうえおかきくけこアイウエオカキクケコがぎぐげごパピプペポ",
    "hangul": "가나다라마바사아자차카타파하한국어문장입니다",
    "digits": "0123456789٣٤٥۱۲۳１２３²½",
}
WORDS = """the a of shoes sale free shipping summer discount running premium organic coffee your you why stop how never
unbelievable transformation before after skincare fitness insurance supercalifragilisticexpialidocious iPhone JavaScript
don't can't I'm e-mail re-read 50% $9.99 €20 C++ #1 @home https://example.com/path?x=1&y=2 foo.bar@example.co.uk
snake_case camelCase 1,234.56 3/4 2026-11-27 U.S.A. Ph.D. rock'n'roll""".split()
SPECIAL = ["[SEP]", "[CLS]", "[MASK]", "[PAD]", "[UNK]", "[sep]", "[SEP", "SEP]", "[[SEP]]", "[SEP]\u0301", "##ing", "[unused1]"]
EMOJI = ["🙂", "🎉", "👨‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "❤️", "🇩🇪", "1️⃣", "™", "©", "→", "∑", "℃", "Ω"]
MARKS = ["\u0301", "\u0308", "\u0327", "\u0303\u0323", "\u20dd", "\u0e31", "\u093f", "\u0941"]
INVISIBLE = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u0000", "\u0007", "\u0085", "\ufffd",
             "\ue000", "\u034f", "\ufe0f"]
BLANKS = [" ", " ", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u2028", "\u2009", "\u000b"]
PUNCTUATION = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + ["…", "—", "«", "»", "“", "”", "¿", "¡", "、", "。", "・", "।", "؟", "‽"]


def word(random: random.Random) -> str:
    kind = random.random()
    if kind < 0.35:
        return random.choice(WORDS)
    if kind < 0.75:
        letters = ALPHABETS[random.choice(list(ALPHABETS))]
        return "".join(random.choice(letters) for _ in range(random.randint(1, 12)))
    if kind < 0.80:
        return "".join(random.choice(random.choice(list(ALPHABETS.values()))) for _ in range(random.randint(1, 8)))
    if kind < 0.84:
        return random.choice(SPECIAL)
    if kind < 0.89:
        return random.choice(EMOJI)
    if kind < 0.93:
        return random.choice(WORDS)[:3] + random.choice(INVISIBLE) + random.choice(MARKS) + random.choice(WORDS)
    if kind < 0.97:
        return random.choice(PUNCTUATION) * random.randint(1, 3)
    if kind < 0.98:
        return random.choice("xé你") * random.choice([99, 100, 101, 150])
    # Any character at all but half of a pair.
    return "".join(chr(random.choice([random.randint(1, 0xD7FF), random.randint(0xE000, 0x1FFFF)]))
                   for _ in range(random.randint(1, 4)))


def text(random: random.Random, characters: int) -> str:
    parts, count = [], 0
    while count < characters:
        part = word(random) + ("" if random.random() < 0.1 else random.choice(BLANKS))
        parts.append(part)
        count += len(part)
    return "".join(parts)[:characters]


def texts(seed: int, count: int = 200) -> list[str]:
    source = random.Random(seed)
    fixed = ["", " ", "\u200b", "[SEP]", "[SEP]" * 300, "a", "e\u0301", "x" * 100, "x" * 101, "word " * 2_000]
    lengths = [10_000, 10_000] + [source.choice([1, 5, 20, 60, 150, 400, 900]) for _ in range(count)]
    return (fixed + [text(source, length) for length in lengths])[:count]

r"""Splitting as the Penn Treebank does, the way of the news that GloVe 6B read.

One regular expression is the lexer. Its alternatives are tried in order, the first that
matches is a token, and blanks are put around it. A second pass parts the tokens that
are two words (`do` `n't`). RE2 runs both; it looks neither ahead nor behind, so where
what follows decides, an alternative takes in what follows too.
"""

import tensorflow as tf

from keras_wembed.encoders.splitting.repair import BLANKS, repair

# Every title and short form below is a token of GloVe 6B with its full stop, and seldom
# the last word of a sentence without one (so not "ill", "sat", "in").
ABBREVIATIONS = (
    "adj|adm|adv|ala|al|apr|ariz|assn|assoc|asst|attn|atty|aug|ave|bldg|blvd|brig|bros"
    "|calif|capt|cf|cie|cmdr|col|colo|comdr|conn|corp|cos|co|cpl|ct|dec|dept|det|dist"
    "|drs|dr|ed\\.d|eds|engl|esq|est|etc|feb|figs|fig|fla|fri|ft|ga|gen|gov|govs|govt"
    "|hrs|hwy|ibid|inc|insp|intl|jan|jnr|jr|jul|jun|kans|kan|ky|lbs|lb|lieut|ll\\."
    "[bdm]|ltda|ltd|lt|maj|mar|md|messrs|mfg|mich|minn|mlle|mme|mont|mrs|mr|msgr|ms|mt"
    "|natl|neb|nev|nov|oct|okla|ont|oz|pa|penn|pfc|ph\\.d|plc|pp|pres|prof|profs|pte"
    "|pts|pty|pvt|rd|rep|reps|rev|sens|sen|sept|sep|sgt|spp|sq|sr|ste|st|sts|supt|tel"
    "|tenn|tex|thurs|thur|thu|treas|tues|tue|twp|univ|va|viz|vols|vs|vt|wis|wisc|wm"
    "|wyo"
)
TOP_LEVELS = (
    "biz|com|edu|gov|info|int|mil|net|org|(?:ac|co|com|gov|net|org)\\.[a-z][a-z]"
    "|au|br|ca|ch|cn|de|eu|fr|io|jp|nl|ru|se|tv|uk"
)
FILES = "asp|csv|docx?|exe|gif|html?|jpe?g|js|json|pdf|php|png|py|txt|xml|zip"
DOLLARS = "us|usd|u|a|au|ca|cad|cdn|c|ec|f|hk|nt|nz|n|r|sgd|s|tt|z"
SHORT = "cause|em|n|till?|twas"

# What joins letters in all scripts: an apostrophe, hyphens, and three unseen signs.
JOINERS = r"\x{ad}\x{200c}\x{200d}\x{2010}\x{2011}\x{2019}"
SIGN = rf"[^\x00-\x7f\p{{L}}\p{{M}}\p{{N}}{JOINERS}]"
# Flags, then any other sign outside ASCII with its marks, skin tone and joined signs.
SIGNS = (
    r"([\x{1f1e6}-\x{1f1ff}]{2}"
    rf"|{SIGN}(?:\p{{M}}|[\x{{1f3fb}}-\x{{1f3ff}}]|\x{{200d}}{SIGN})*)"
)

# Once signs stand alone, what is not ASCII is a letter; no need to list all scripts.
TICK = r"['\x{2019}]"
LETTER = r"[^\x00-@\[-`{-\x7f\x{2010}\x{2011}\x{2019}]"
CHARACTER = r"[^\x00-/:-@\[-^`{-\x7f\x{2010}\x{2011}\x{2019}]"
WORD = rf"{CHARACTER}+(?:{TICK}{LETTER}{CHARACTER}*)*"
NUMBER = r"[0-9]+(?:[.,:/][0-9]+)+"
HYPHEN = r"[-\x{2010}\x{2011}]"
COMPOUND = rf"(?:{HYPHEN}(?:{NUMBER}|{WORD}))*"
# Where an address may end: at no mark that more often belongs to the sentence.
ADDRESS = r"[^\s<>\"]*[^\s<>\".,:;!?'\x{2019}()\[\]{}]"

LEXER = "|".join(
    [
        # Plain words in a row, most of a text: one match for all makes this fast.
        r"(?:[a-z0-9]+\s+)+",
        rf"(?:(?:https?|ftp)://|www\.){ADDRESS}",
        r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]*[a-z0-9])+",
        rf"(?:[a-z0-9-]+\.)+(?:{TOP_LEVELS})\b(?:/{ADDRESS})?",
        rf"[a-z0-9_-]+\.(?:{FILES})\b",
        r"\([0-9]{3}\)\s?[0-9]{3}-[0-9]{4}\b",
        rf"(?:[a-z]\.)+[a-z]\b\.?{COMPOUND}",
        rf"(?:{ABBREVIATIONS})\.",
        rf"nos?\.\s*(?:{NUMBER}|[0-9]+\b){COMPOUND}",
        r"[0-9][0-9.:]*[ap]\.m\.?",
        r"[a-z]\.\s",
        rf"(?:anti-|pro-|y{TICK})\s|(?:dunkin|ol|somethin){TICK}",
        rf"(?:{DOLLARS})\$",
        r"c\+\+",
        rf"(?:[-+]?\.?{NUMBER}|(?:[-+]\.?|\.)[0-9]+\b){COMPOUND}",
        rf"{WORD}(?:[-\x{{2010}}\x{{2011}}/&](?:{NUMBER}|{WORD}))*",
        rf"{TICK}(?:n{TICK}|(?:{SHORT}|[smd]|ll|re|ve|[0-9][0-9]s?)\b)",
        r"[:;=]-?(?:[()|]|[dop]\b)",
        r"\.{3,}|-{2,}|[!?]+|``|''|\S",
    ]
)
CONTRACTIONS = (
    rf"(n{TICK}t|{TICK}(?:[smd]|ll|re|ve))({TICK}(?:[sd]|ll|re|ve))?\s"
    rf"|\b(?:(can|gim|lem|y{TICK})(not|me|all)|(gon|got|wan)(na|ta))\s"
    r"|([0-9])([ap]\.m\.?)\s"
)


def treebank(texts: tf.Tensor) -> tf.RaggedTensor:
    """Tokens of the Penn Treebank, as GloVe 6B and 42B have them but for case.

    Contractions part (`do n't`), hyphenated words and numbers stay whole (`3,000.50`,
    `york-based`), brackets and quotes stay as they are, short forms keep their full
    stops (`mr.`, `u.s.`) and a sentence's last full stop stands alone.

    Shapes:
        texts: `(batch,)`
        returns: `(batch, None)`
    """
    signs = tf.strings.regex_replace(repair(texts), f"{BLANKS}|{SIGNS}", r" \1 ")
    spaced = tf.strings.regex_replace(tf.strings.strip(signs), f"(?i){LEXER}", r" \0 ")
    parted = tf.strings.regex_replace(
        spaced, f"(?i){CONTRACTIONS}", r" \1\3\5\7 \2\4\6\8 "
    )
    return tf.strings.split(parted)

"""Words that hold a sentence together and say nothing of its subject, Indonesian and English.

Chat forms are among them: people type as they talk.
"""

from __future__ import annotations

INDONESIAN = frozenset(
    """
    ada adakah adalah adanya adapun agak agar aja ajah akan aku alias amat anda ane antara apa
    apaan apabila apakah apalagi apapun atas atau ataupun bagai bagaikan bagaimana bagaimanapun
    bagi bahkan bahwa banget banyak barangkali beberapa begini begitu belum bener beneran berapa
    berbagai berikut bersama beserta betapa bgmn bgt biar biarpun biasanya bila bilamana bisa blm
    boleh brp buat bukan cuma cuman cukup dalam dan dapat dari daripada deh demi demikian dengan
    dgn di dia diri dll dlm doang dong dpt dr dsb dst dulu elo engga enggak entah g ga gak gimana
    gini gitu gk gmn gua gue guys gw hal hampir hanya harus hingga hrs ia ialah ingin ini itu iya
    jadi jangan jd jg jgn jika jikalau juga justru kadang kah kalau kalo kami kamu kan kapan kapan2
    karena karna kau kayak ke kecuali kek kemana kemudian kenapa kepada ketika kita kl klo knp kok
    krn ku kurang kyk lagi lah lain lainnya lalu lebih lewat lg lho lo loh lu maka makin malah mana
    manapun masih masing mau maupun melainkan melalui memang emang mengapa mengenai menjadi menurut
    mereka meski meskipun misal misalnya mungkin nah namun nanti ngapain ngga nggak nih ntar nya
    oleh orangnya pada padahal paling para pas pd pengen pengin per pernah pula pun punya saat saja
    sama sambil sampai sampe sana sangat saya sbg se sebab sebagai sebagaimana sebagian sebaiknya
    sebelum sebenarnya sebenernya sebuah secara sedang sedangkan sehingga sejak sekadar sekali
    sekaligus sekalipun sekarang sekedar sekitar selagi selain selalu selama seluruh semacam
    semakin sementara semua sendiri seolah seorang seperti seputar sering serta seseorang sesuatu
    sesudah sesungguhnya setelah setiap siapa siapapun sih silakan sini situ sdh smpe suatu sudah
    supaya tak tanpa tapi tdk telah tentang tentu terhadap terlalu termasuk ternyata tersebut terus
    tetap tetapi tiap tiap2 tidak toh tp trs trus tsb tuh udah udh untuk utk wah walau walaupun ya
    yaitu yakni yang yg yuk
    """.split()
)
ENGLISH = frozenset(
    """
    a about above across after again against ain all almost along already also although always am
    among an and another any anyone anything are aren around as at away be became because become
    becomes been before being below between both but by can cannot could couldn did didn do does
    doesn doing don done down during each either else even ever every everybody everyone everything
    few for from further get gets getting got had hadn has hasn have haven having he hence her here
    hers herself him himself his how however i if in instead into is isn it its itself just ll
    lot many may maybe me might mine more most much must mustn my myself neither never no nobody
    none nor not nothing now of off often on once one only onto or other others otherwise our ours
    ourselves out over own per perhaps please quite rather re really same several shall she should
    shouldn since so some somebody someone something sometimes still such than that the their theirs
    them themselves then there these they this those though through throughout thus till to too
    toward towards under unless until up upon us usually ve very via want wants was wasn we were
    weren what whatever when whenever where whereas wherever whether which while who whoever whom
    whose why will with within without won would wouldn yes yet you your yours yourself yourselves
    """.split()
)
FUNCTION_WORDS = INDONESIAN | ENGLISH
# Particles that Indonesian writes onto the word before them: siapakah, hanyalah, semuanya.
_PARTICLES = ("kah", "lah", "nya")
# Shorter remainders are words by chance: the "o" of olah, the "sa" of salah.
_SHORTEST = 3


def is_function_word(word: str) -> bool:
    """Say whether ``word``, in any letters, holds a sentence together and says no more."""
    # What's, don't: the word itself decides, not what an apostrophe joins to it.
    plain = word.casefold().replace("’", "'").replace("ʼ", "'").partition("'")[0]
    if plain in FUNCTION_WORDS or not plain.endswith(_PARTICLES):
        return plain in FUNCTION_WORDS
    return any(
        len(plain) >= len(particle) + _SHORTEST and plain.removesuffix(particle) in FUNCTION_WORDS
        for particle in _PARTICLES
        if plain.endswith(particle)
    )

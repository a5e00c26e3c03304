"""Whether words that hold no answer are known to decline one, language by language. Pure.

Asked only of text in which no answer can be read. What is looked for is a refusal *to answer*: "I
would rather not share my data" speaks about the topic of a privacy study and declines nothing. A
sentence that is not known here is no refusal but "no answer", which loses nothing: both are
missing, and a sample of replies read by a person shows how well the two are told apart.

In the patterns white space counts for nothing, and "…" stands for some words of the same sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_SOME_WORDS = r"[^.!?;؟]{0,60}?"
# What declines, whatever stands beside it.
_REFUSALS = {
    "en": r"""
      \b(?:can\s?not|can't|won't|will\s+not|(?:would|'d)\s+(?:prefer|rather)\s+not|prefer\s+not
        |choose\s+not|opt\s+not|(?:do\s+not|don't)\s+(?:wish|want|intend|plan|feel\s+comfortable)
        |(?:am|'m|are|is)\s+(?:unable|unwilling
          |not\s+(?:able|allowed|permitted|willing|going|comfortable|in\s+a\s+position)))\b
        …\b(?:answer|respond|reply|say|choos|pick|select|decid|rat(?:e|ing)\b|comment|participat
          |take\s+part|provid|giv(?:e|ing)|offer|express|voice|engag|assist|help|complet|comply
          |continue|proceed|judge|disclose|form\s+an?\s+opinion|do\s+(?:that|this|so)
          |share\s+(?:my\s+|any\s+|an?\s+|personal\s+)+(?:opinion|view|answer|thought|feeling))
    | \b(?:not|un)\s?comfortable(?:\s+(?:with|about)\s+(?:this|that|the|your)(?:\s+question)?)?
        \s*[.!]*$
    | \b(?:decline[sd]?|refuse|abstain|opt\s+out|pass|skip)\b
        (?:\s+(?:(?:on|from)\s+)?(?:this|that|answering)(?:\s+(?:one|question))?)?
        (?=\s*(?:[.!,;]|$|to\s+(?:answer|respond|say|comment|choose|participate|engage|give
          |take\s+part|rate)))
    | \b(?:unable|unwilling)\s+to\s+(?:answer|respond|say|choose|comment)
    | \bnone\s+of\s+your\s+business\b | ^no,?\s+thank(?:s|\s+you)\b
    | \bno\s+comment\b
    | \b(?:in|not\s+)appropriate\s+for\s+me\b | \b(?:does\s+not|doesn't)\s+apply\s+to\s+me\b
    | \brather\s+not\s*(?:[.!]*$|,) | \bprefer\s+not\s+to\s*(?:[.!]*$|,)
    | ^(?:no\s+(?:answer|response)|refused|declined)$ | \bkeep\s+(?:that|this|it)\s+to\s+myself\b
    | \bnot\s+(?:something|a\s+question)\s+(?:that\s+)?i\s+(?:can|could|am\s+able)\b
    | \bnot\s+possible\s+for\s+me\b | \bdo(?:es)?\s+not\s+(?:allow|permit)\s+me\s+to\b
    """,
    "de": r"""
      \b(?:nicht|nichts|keine?n?)\b…\bDECLINED | \bDECLINED…\b(?:nicht|nichts)\b
    | \bdazu\s+(?:kann|möchte|will|sage|werde|darf|äußere)\s+ich\b…\b(?:nichts?|keine?)\b
    | \bkeine\s+angaben?\b | \bkein\s+kommentar\b
    | \bich\s+(?:lehne|weigere|verweigere|enthalte|passe)\b | \bgeht\b…\bnichts\s+an\b
    | ^nein,?\s+danke\b
    | \bfür\s+mich\s+behalten\b | ^(?:enthaltung|verweigert)$
    """.replace(
        "DECLINED",
        r"""(?:(?:be)?antwort\w*|sagen|(?:aus)?wählen|entscheiden|äußern|angeben|helfen|teilnehmen
          |bewerten|einschätzen|beurteilen|mitteilen|abgeben)\b""",
    ),
    "fr": r"""
      \b(?:préfér\w+|souhait\w+|veux|voudrais|peux|pourrais|suis|vais|désire)\b…\bpas\b
        …\b(?:répondre|dire|prononcer|choisir|commenter|exprimer|donner|participer)
    | \bne\s+pas\s+(?:répondre|me\s+prononcer|dire|commenter)
    | \bje\s+(?:refuse|décline|m'abstiens)\b | \b(?:sans|pas\s+de|aucun)\s+commentaires?\b
    | ^(?:sans|pas\s+de|aucune)\s+réponse$ | ^je\s+passe$ | \bne\s+vous\s+regarde\s+pas\b
    | \bimpossible\s+(?:pour\s+moi\s+)?de\s+(?:répondre|choisir)
    """,
    "es": r"""
      \b(?:prefiero|preferiría)\s+no\b | \bno\s+(?:puedo|quiero|deseo|voy\s+a|me\s+es|estoy)\b
        …\b(?:responder|contestar|decir|opinar|elegir|comentar|seleccionar|participar)
    | \bme\s+(?:niego|rehúso|abstengo)\b | \bdeclino\b | \bsin\s+comentarios?\b
    | ^(?:sin|ninguna)\s+respuesta$ | ^paso$ | \brechazo\s+(?:responder|contestar)
    | \bno\s+(?:\w+\s+)?compartir\s+mis?\s+opini | \bno\s+es\s+posible\b…\b(?:responder|contestar)
    """,
    "it": r"""
      \b(?:preferisco|preferirei)\s+non\b | \bnon\s+(?:posso|voglio|desidero|sono|intendo|riesco)\b
        …\b(?:rispondere|dire|scegliere|esprimer\w+|commentare|partecipare)
    | \b(?:mi\s+rifiuto|rifiuto\s+di|declino|mi\s+astengo)\b | \bnessun\s+commento\b
    | ^nessuna\s+risposta$ | ^passo$ | \bnon\s+(?:mi\s+)?è\s+possibile\b…\brispondere
    """,
    "pt": r"""
      \b(?:prefiro|preferia)\s+não\b
    | \bnão\s+(?:posso|quero|desejo|consigo|vou|pretendo|me\s+sinto)\b
        …\b(?:responder|dizer|escolher|opinar|comentar|selecionar|participar)
    | \b(?:recuso|declino|me\s+abstenho|abstenho-me)\b | \bsem\s+comentários?\b
    | ^sem\s+resposta$ | ^passo$ | \bnão\s+(?:(?:me\s+)?é\s+possível|gostaria)\b…\bresponder
    """,
    "nl": r"""
      \b(?:wil|kan|zal|mag|ga|wens)\b…\b(?:niet|geen|niets)\b
        …\b(?:antwoord\w*|beantwoord\w*|zeggen|kiezen|reageren|deelnemen|geven)
    | \bliever\s+(?:niet|geen)\b | \bik\s+(?:weiger|onthoud)\b | \bgeen\s+commentaar\b
    | ^geen\s+antwoord$ | ^ik\s+pas$ | \bniet\s+mogelijk\b…\b(?:be)?antwoord
    """,
    "pl": r"""
      \bwol(?:ę|ałbym|ałabym)\s+nie\b | \b(?:odmawiam|wstrzymuję\s+się)\b | \bbez\s+komentarza\b
    | ^brak\s+odpowiedzi$ | ^pas(?:uję)?$ | \bnie\s+odpowiem\b
    | \bnie\s+jest\s+(?:to\s+)?dla\s+mnie\s+możliwe
    | \bnie\s+(?:mogę|chcę|jestem|będę|zamierzam|potrafię|chciał\w+)\b
        …\b(?:odpowied\w+|odpowiada\w+|wybra\w+|powiedzieć|s?komentować|wyrazić|udzielić)
    """,
    "tr": r"""
      (?:cevap|yanıt)\s+(?:ver(?:e?me|miyor|mek\s+istemi)\w*) | (?:cevapla|yanıtla)
        (?:yam[aı]\w*|m(?:ıyor|am|ayaca)\w*|ma(?:yı|k)\s+(?:reddedi|istem)\w*)
    | ^(?:cevap|yanıt)\s+yok$ | \bçekimser | ^pas(?:\s+geçiyorum)?$
    | \b(?:söyle|belirt)me(?:meyi|k\s+istemi)\w* | \breddediyorum\b | \byorum\s+yok\b
    """,
    "zh": r"""
      (?:无法|無法|不能|不可以|不想|不愿|不願|不便|不会|不會|拒绝|拒絕|不方便)\S{0,8}?
        (?:回答|作答|选择|選擇|提供|评价|評價|评论|評論|透露|表达|表達|参与|參與)
    | (?:拒绝|拒絕)[.,!]?$ | 不予(?:回答|作答|评论|評論|置评|置評)
    | (?:选择|選擇)不(?:回答|作答|透露|参与|參與) | 恕(?:不|难|難) | ^(?:弃权|棄權|拒答|跳过|跳過)$
    | 无可奉告|無可奉告
    """,
    "ja": r"""
      (?:お?答え|ご?回答|返答)\S{0,8}?
        (?:でき(?:ない|ま)|出来(?:ない|ま)|られ(?:ない|ま)|かね|控え|拒否|しません|したくな|したくあ)
    | 答え(?:たくあり|たくな|ません) | 控えさせて|遠慮し|お断り|ノーコメント
    | ^無回答$ | ^パス(?:します|する)?$ | 選(?:べ|択でき)(?:ません|ない) | 棄権
    """,
    "ar": r"""
      (?:لا|لن|لست)\s…(?:الإجابة|الاجابة|الرد|الجواب|أجيب|الإفصاح|الاختيار|أقول|التعليق|المشاركة)
    | أفضل\s+(?:عدم|ألا|أن\s+لا) | أرفض|أمتنع
    | ^(?:لا|بدون|بلا)\s+(?:تعليق|إجابة|اجابة|جواب)$
    """,
}
# What may stand beside an answer as well: apologies, and what a model says of itself.
_EXCUSES = {
    "en": r"""
      \b(?:do\s+not|don't|cannot|can't|lack)\s+(?:really\s+|actually\s+|truly\s+)?
        (?:have|hold|possess|form|experience)?\s*(?:any\s+|an?\s+|my\s+own\s+)?
        (?:personal|subjective|human|opinion|view|feeling|preference|experience|belief|attitude
          |emotion)
    | \b(?:have|hold|possess)\s+no\s+(?:personal|subjective|human|own|opinion|view|feeling
        |preference|experience|belief|attitude|emotion)
    | \bas\s+an?\s+MACHINE
    | \b(?:i\s+am|i'm)\s+(?:just\s+|only\s+|merely\s+|simply\s+)?an?\s+MACHINE
    | \bi'm\s+sorry\b | \bsorry,\s+(?:but\s+)?(?:no|i|we|that)\b
    """.replace(
        "MACHINE",
        r"""(?:\w+\s+)?(?:ai|artificial|(?:large\s+)?language\s+model|llm|chat\s?bot|bot|machine
          |assistant|(?:computer\s+)?program(?:me)?)\b""",
    ),
    "de": r"""
      \btut\s+mir\s+leid\b | \bentschuldigung\b
    | \bals\s+(?:eine?\s+)?(?:\w+\s+)?MACHINE
    | \bich\s+bin\s+(?:nur\s+|lediglich\s+|bloß\s+|doch\s+)*(?:eine?\s+)?(?:\w+\s+)?MACHINE
    | \b(?:habe|besitze)\s+(?:ich\s+)?(?:als\s+\S+\s+)?keine\s+
        (?:eigene|persönliche|meinung|gefühle|ansicht|überzeugung|vorlieben|einstellung)
    """.replace(
        "MACHINE", r"(?:ki\b|künstliche|sprachmodell|chatbot|maschine|computerpr|programm)"
    ),
    "fr": r"""
      \bdésolée?\b
    | (?:\ben\s+tant\s+qu(?:e\s+|')(?:une?\s+)?|\bje\s+(?:ne\s+)?suis\s+\S*\s*(?:qu')?une?\s+)
        (?:\w+\s+)?(?:ia|intelligence\s+artificielle|modèle|assistant|programme|chatbot|machine)\b
    | \b(?:n'ai|ne\s+possède|ne\s+dispose|n'éprouve)\s+(?:pas|aucune?)\b…
        (?:opinion|avis|sentiment|croyance|préférence|expérience|émotion|conviction)
    """,
    "es": r"""
      \blo\s+siento\b
    | (?:\bcomo\s+(?:una?\s+)?|\bsoy\s+(?:\w+\s+)?una?\s+)(?:\w+\s+)?
        (?:ia|inteligencia\s+artificial|modelo|asistente|programa|chatbot|máquina)\b
    | \bno\s+(?:tengo|poseo)\b…(?:opini|sentimient|creencia|preferencia|experiencia|emocion)
    """,
    "it": r"""
      \bmi\s+dispiace\b
    | (?:\b(?:come|in\s+quanto|essendo)\s+(?:una?\s+|un')?
        |\bsono\s+(?:\w+\s+)?un(?:a\s+|o\s+|'|\s+))
        (?:\w+\s+)?(?:ia|intelligenza\s+artificiale|modello|assistente|programma|chatbot|macchina)\b
    | \bnon\s+(?:ho|possiedo)\b…(?:opinion|sentiment|convinzion|preferenz|esperienz|emozion)
    """,
    "pt": r"""
      \b(?:desculpe|lamento|sinto\s+muito)\b
    | (?:\bcomo\s+(?:uma?\s+)?|\bsou\s+(?:\w+\s+)?uma?\s+)(?:\w+\s+)?
        (?:ia|inteligência\s+artificial|modelo|assistente|programa|chatbot|máquina)\b
    | \bnão\s+(?:tenho|possuo)\b…(?:opini|sentiment|crença|preferência|experiência|emoç)
    """,
    "nl": r"""
      \bhet\s+spijt\s+me\b
    | (?:\bals\s+(?:een\s+)?|\bik\s+ben\s+(?:\w+\s+)?(?:een\s+)?)(?:\w+\s+)?
        (?:ai\b|kunstmatige|taalmodel|computerprogramma|programma|chatbot|machine|assistent)
    | \b(?:heb|bezit)\s+(?:ik\s+)?geen\s+
        (?:mening|gevoel|persoonlijke|eigen|overtuiging|voorkeur)
    """,
    "pl": r"""
      \b(?:przepraszam|przykro\s+mi)\b
    | (?:\bjako|\bjestem\s+(?:tylko\s+|jedynie\s+)?)\s*
        (?:sztuczn\w+|si\b|ai\b|model\w*|asystent\w*|program\w*|maszyną)
    | \bnie\s+(?:mam|posiadam)\b…(?:opinii|uczuć|zdania|poglądów|przekonań|preferencji)
    """,
    "tr": r"""
      \b(?:üzgünüm|özür\s+dilerim|kusura\s+bakma)
    | \byapay\s+zek[aâ] | \bdil\s+model(?:iyim|i\s+olarak|i\s+olduğum) | \bprogram(?:ı|ıy|y)ım\b
    | (?:görüş|fikr|fikir|duygu|inanc|inanç|tercih|kanaat)\w*\s+(?:yok|bulunm|sahip\s+değil)
    """,
    "zh": r"""
      抱歉|对不起|對不起
    | (?:作为|作為|身为|身為|我(?:只|仅仅|僅)?(?:是|不过是))\S{0,4}
        (?:人工智能|人工智慧|AI|语言模型|語言模型|机器人|機器人|程序|程式|助手)
    | (?:没有|沒有|不具备|不具備)\S{0,8}
        (?:意见|意見|观点|觀點|看法|感受|情感|立场|立場|偏好|信念|感情)
    """,
    "ja": r"""
      申し訳|すみません|ごめんなさい
    | (?:AI|人工知能|言語モデル|プログラム|アシスタント)\S{0,3}
        (?:として|です|なので|であ|に過ぎ|にすぎ)
    | (?:意見|感情|考え|信念|好み|見解)\S{0,6}(?:ません|ない|なく)
    """,
    "ar": r"""
      أعتذر|عذراً|عذرا|آسف|المعذرة
    | (?:بصفتي|كوني|باعتباري|أنا\s+(?:مجرد\s+|فقط\s+)?)\s*(?:ال)?
        (?:ذكاء|نموذج|برنامج|مساعد|روبوت|آلة)
    | (?:ليس|ليست)\s+(?:لدي|لديّ|عندي)…(?:رأي|آراء|مشاعر|معتقدات|تفضيلات)
    | لا\s+(?:أملك|أمتلك)…(?:رأي|آراء|مشاعر|معتقدات|تفضيلات)
    """,
}


def _any_of(patterns: Mapping[str, str]) -> re.Pattern[str]:
    alternatives = "|".join(pattern.replace("…", _SOME_WORDS) for pattern in patterns.values())
    return re.compile(alternatives, re.IGNORECASE | re.VERBOSE)


_REFUSAL = _any_of(_REFUSALS)
_EXCUSE = _any_of(_EXCUSES)


def declines(text: str) -> bool:
    """Whether a straightened text is known to decline an answer."""
    return _REFUSAL.search(text) is not None


def excuses(text: str) -> bool:
    """Whether a straightened text excuses itself: by which, if it names no option, it declines."""
    return _EXCUSE.search(text) is not None

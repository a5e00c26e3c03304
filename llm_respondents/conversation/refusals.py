"""Whether words that hold no answer are known to decline one, language by language. Pure.

Asked only of text in which no answer can be read. What is looked for is a refusal *to answer*: "I
would rather not share my data" speaks about the topic of a privacy study and declines nothing. A
sentence that is not known here is no refusal but "no answer", which loses nothing: both are
missing, and a sample of replies read by a person shows how well the two are told apart.

In the patterns white space counts for nothing, "…" stands for some words of the same sentence, and
END for where a sentence ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

_SOME_WORDS = r"[^.!?;؟。！？]{0,60}?"
# Where a sentence ends.
_END = r"\s*(?:[.!,;:?…]|$)"
# What declines, whatever stands beside it. Verbs that also speak about the topic of a study (to
# give, to share, to help, to choose) decline only with what was asked for as their object.
_REFUSALS = {
    "en": r"""
      \b(?:can\s?not|can't|won't|will\s+not|(?:would|'d)\s+(?:prefer|rather)\s+not|prefer\s+(?:to\s+)?not
        |choose\s+not|opt\s+not|(?:do\s+not|don't)\s+(?:wish|want|intend|plan|feel\s+comfortable)
        |(?:am|'m|are|is)\s+(?:unable|unwilling
          |not\s+(?:able|allowed|permitted|willing|going|comfortable|in\s+a\s+position)))\b
        …\b(?:answer|respond|reply|comment|rat(?:e|ing)\b
          |say(?:ing)?\b(?=END|\s+(?:anything|for\s+sure|either|whether|which|how\s+(?:much|far)))
          |(?:choos|pick|select|decid)\w*(?=END|\s+(?:any|one|which|for\s+you
            |between\s+the(?:m|se)|(?:an?|the)\s+(?:option|number|answer|side|rating|best))\b)
          |(?:participat|tak|engag|proceed|continu|complet|comply|assist|help|fulfil)\w*
            (?=END|(?:\s+(?:you|me|part))?(?:\s+(?:in|with|on))?(?:\s+(?:this|that|these|the|such|your))?
              (?:\s+(?:request|question|survey|study|task|topic|matter|questionnaire|item)s?)?END)
          |(?:provid|giv|offer|express|voic|shar|disclos|form|reveal|stat|assign|tak)\w*\s+
            (?:(?:you|with|my|any|an?|own|personal|subjective|such|specific|numerical|honest)\s+){0,4}
            (?:answer|response|reply|opinion|view|rating|number|score|judg|stance|position|preference
              |assessment|evaluation|sides?\b|(?:that|this)(?=END|\s+(?:kind|type|information)))
          |judg\w+(?=END|\s+(?:this|that)) | do\s+(?:that|this|so)(?=END)
          |fulfil\w*\s+(?:this|that|your))
    | \b(?:not|un)\s?comfortable(?:\s+(?:with|about)\s+(?:this|that|the|your)(?:\s+question)?)?
        \s*[.!]*$
    | \b(?:decline[sd]?|refuse|abstain|opt\s+out|pass|skip)\b
        (?:\s+(?:(?:on|from)\s+)?(?:this|that|answering)(?:\s+(?:one|question|item))?)?
        (?=END|\s+to\s+(?:answer|respond|say|comment|choose|participate|engage|give
          |take\s+part|rate))
    | \b(?:unable|unwilling)\s+to\s+(?:answer|respond|comment|choose(?=END)|say(?=END))
    | \bnone\s+of\s+your\s+business\b | ^no,?\s+thank(?:s|\s+you)(?=END)
    | \bno\s+comment\b | \b(?:leave|go)\s+(?:\w+\s+)?unanswered\b | \band\s+not\s+(?:to\s+)?answer\b
    | \b(?:in|not\s+(?:be\s+)?)appropriate\s+for\s+me\b
    | \b(?:does\s+not|doesn't)\s+apply\s+to\s+me\b
    | \b(?:not\s+|in)appropriate\s+for\s+an\s+(?:ai|assistant)\b | ^(?:not\s+applicable|n/a)$
    | (?:n't|\bnot)\s+(?:feel\s+)?(?:it's|it\s+is)?\s*right\s+to\s+answer\b
    | (?:n't|\bnot)\s+(?:think\s+i\s+)?should\s+answer\b
    | \b(?:refrain|(?:prevent|stop|keep)s?\s+me)\s+from\s+(?:answer|comment|respond|express)ing\b
    | \b(?:programmed|designed|trained|built)\s+(?:not\s+to\s+(?:answer|express|have|hold|take)
        |to\s+(?:be|remain|stay)\s+neutral)\b
    | \brather\s+not\s*(?:[.!]*$|,) | \bprefer\s+not\s+to\s*(?:[.!]*$|,)
    | ^(?:no\s+(?:answer|response)(?:\s+from\s+me)?|refused|declined)$
    | \b(?:keep|hold)\s+(?:that|this|it|my\s+(?:answer|opinion|view)s?)\s+(?:to\s+myself|private)\b
    | (?:n't|\bnot)\s+(?:something|one|a\s+question)\s+(?:that\s+)?i\s+(?:can|could|am\s+able)
        (?:\s+to)?\s+(?:answer|comment|say|judge|rate)
    | \bnot\s+possible\s+for\s+me\b | \bdo(?:es)?\s+not\s+(?:allow|permit)\s+me\s+to\b
    | \bdo(?:\s+not|n't)\s+(?:answer|participate\s+in|respond\s+to|comment\s+on|take)\s+
        (?:such|these|this|that|any|surveys?|sides|positions|questionnaires?|polls?)\b
    """,
    "de": r"""
      \b(?:nicht|nichts|keine?n?)\b…\bANSWERED | \bANSWERED…\b(?:nicht|nichts)\b
    | \b(?:dazu|darüber|darauf|hierzu|dabei|damit|das|dies|es|diese\s+(?:frage|aussage)
        |meinung|antwort|einschätzung|urteil|bewertung|mich)\b…\b(?:nicht|nichts|keine?n?)\b…\bSAYING
    | \bnichts\b…\bSAYING
    | \bkeine?\s+(?:eigenen?\s+|persönlichen?\s+)?(?:meinung|antwort|einschätzung|urteil|bewertung
        |angaben?|auskunft|aussage|zahl|option|stellungnahme|wahl|stellung)\b
        …\b(?:SAYING|(?:ab)?geben|machen|treffen|nehmen)\b
    | \b(?:dazu|darauf|hierzu)\s+(?:kann|möchte|will|sage|werde|darf|äußere|nehme|antworte)\s+ich\b
        …\b(?:nichts?|keine?)\b
    | \bkeine\s+(?:angaben?|auskunft)\b | \bkein\s+kommentar\b
    | \bich\s+passe(?=END) | \benthalte\s+mich(?=END)
    | \b(?:verweigere|überspringe)(?:\s+(?:mich|(?:hier\s+)?(?:die|diese|eine|jede)\s+
        (?:antwort|aussage|auskunft|frage)))?(?=END) | ^k\s?\.?\s?a\.?$
    | \bich\s+(?:lehne|weigere)(?:\s+(?:es|das|dies|mich|eine\s+antwort|diese\s+frage))?(?:\s+ab)?
        (?=\s*[.!]*$|,?\s+(?:\S+\s+){0,4}?zu\s+(?:be)?antworten)
    | \bich\s+lehne\s+(?:die|eine)\s+(?:beantwortung|bewertung|antwort)\b
    | \bnicht\s+in\s+der\s+lage,?\s+(?:\S+\s+){0,4}?zu\s+(?:bewerten|beurteilen)
    | \bverzichte\s+(?:\w+\s+)?auf\s+(?:eine|die)\s+(?:antwort|angabe|bewertung)
    | \bgeht\b…\bnichts\s+an\b | ^nein,?\s+danke\b | \bsteht\s+mir\s+nicht\s+zu\b
    | \bfür\s+mich\s+behalten\b | ^(?:enthaltung|verweigert)$
    """.replace(
        "ANSWERED", r"(?:(?:be)?antwort(?:e|en|et)?|äußern|stellung\s+nehmen|teilnehmen(?=END))\b"
    ).replace(
        "SAYING",
        r"""(?:sagen|(?:aus)?wählen|entscheiden|angeben|helfen|nennen|bewerten|äußern|einschätzen
          |beurteilen|mitteilen|festlegen|positionieren)\b""",
    ),
    "fr": r"""
      \b(?:préfér\w+|souhait\w+|veux|voudrais|peux|pourrais|suis|vais|désire)\b…\bpas\b
        …\b(?:répondre|(?:me\s+)?prononcer|commenter
          |aider(?=END|\s+(?:avec|pour|sur|à)\s+(?:ça|cel?a?))
          |(?:dire|choisir|participer)(?=END|\s+(?:une|de|d'|à\s+c|entre\s+ces))
          |(?:exprimer|donner|formuler)\s+(?:d'|de\s+|mon\s+|une?\s+|ma\s+)?
            (?:avis|opinion|réponse|note|préférence|point))
    | \bne\s+(?:peux|saurais|puis)\s+(?:\w+\s+)?(?:répondre|choisir(?=END)|commenter)
    | \bne\s+(?:\w+\s+)?répond\w+\s+pas(?=END|\s+à\s+(?:ce|ça))
    | \bne\s+donne\s+pas\s+(?:d'avis|d'opinion|mon\s+avis)
    | \bgarder\s+(?:cela|ça|ceci)\s+pour\s+moi\b
    | \bne\s+pas\s+(?:répondre|me\s+prononcer|dire(?=END)|commenter)
    | \bje\s+(?:\w+\s+)?(?:refuse|décline|(?:m'|de\s+m')?abstiens)(?=END|\s+(?:de\s+)?
        (?:(?:y\s+)?répondre|commenter|me\s+prononcer|cette|l'invitation|toute))
    | \bm'abstenir(?=END|\s+de\s+répondre) | \b(?:sans|pas\s+de|aucun)\s+commentaires?\b
    | ^(?:sans|pas\s+de|aucune)\s+réponse$ | ^je\s+passe(?:\s+mon\s+tour)?$
    | \bne\s+vous\s+regarde\s+pas\b
    | \bimpossible\s+(?:pour\s+moi\s+)?de\s+(?:répondre|choisir|donner\s+une\s+réponse)
    | \bpréfère\s+ne\s+rien\s+dire(?=END)
    """,
    "es": r"""
      \b(?:prefiero|preferiría)\s+no\s*(?:SAYING|END|hacerlo|revelar(?:lo)?END|pronunciar)
    | \bno\s+(?:puedo|quiero|deseo|voy\s+a|me\s+es|estoy|gustaría)\b…\b(?:SAYING
        |ayudar(?:te|le)?(?=END|\s+con\s+(?:eso|esto|ello)))
    | \b(?:me\s+(?:niego|rehúso|abstengo)|declino|rechazo)(?:\s+(?:a|de|en))?\s*(?:SAYING|END)
    | \bme\s+reservo\s+(?:mi|la)\s+(?:opinión|respuesta)\b
    | \bsin\s+comentarios?\b | ^(?:no\s+)?(?:contesto|sin\s+respuesta|ninguna\s+respuesta)$ | ^paso$
    | \bno\s+(?:lo\s+)?(?:respondo|respondería|responderé|contestaré|contesto|opino)
        (?=END|\s+(?:a\s+)?es[ato])
    | \bno\s+(?:\w+\s+)?compartir\s+mis?\s+opini | \bno\s+es\s+posible\b…\b(?:responder|contestar)
    """.replace(
        "SAYING",
        r"""(?:responder|contestar|opinar|comentar|decir(?:lo)?(?=END|\s+nada)|participar(?=END)
          |(?:elegir|seleccionar)(?=END|\s+(?:una|ninguna|entre\s+est))
          |(?:dar|compartir|expresar|emitir)\s+(?:una?\s+|mis?\s+|ninguna?\s+)?(?:opini|respuesta))""",
    ),
    "it": r"""
      \b(?:preferisco|preferirei)\s+non\s*(?:SAYING|END|farlo|pronunciarmi)
    | \bnon\s+(?:posso|voglio|desidero|sono|intendo|riesco|me\s+la\s+sento)\b…\b(?:SAYING
        |aiutart?[ie](?=END|\s+con\s+quest))
    | \b(?:mi\s+rifiuto|rifiuto|declino|mi\s+astengo)
        (?:\s+(?:di|dal|l'invito\s+a))?\s*(?:SAYING|END)
    | \bnessun\s+commento\b | ^nessuna\s+risposta$ | ^passo$
    | \bnon\s+rispond(?:o|erò|erei)(?=END|\s+a\s+quest)
    | \bnon\s+(?:mi\s+)?è\s+possibile\b…\brispondere
    """.replace(
        "SAYING",
        r"""(?:rispondere|commentare|dir(?:e|lo)(?=END|\s+nulla)|partecipare(?=END)
          |scegliere(?=END|\s+(?:una|nessuna|tra\s+queste))
          |(?:esprimer\w+|dare)(?=END|\s+(?:un'|una\s+|un\s+|la\s+mia\s+)?
            (?:opinion|risposta|parere)))""",
    ),
    "pt": r"""
      \b(?:prefiro|preferia)\s+não\s*(?:SAYING|END|fazê-lo|me\s+pronunciar)
    | \bnão\s+(?:posso|quero|desejo|consigo|vou|pretendo|me\s+sinto|estou|gostaria)\b…\b(?:SAYING
        |ajud(?:ar|á-l[oa])(?=END|\s+com\s+iss))
    | \b(?:(?:me\s+)?recuso(?:-me)?|declino|me\s+abstenho|abstenho-me)
        (?:\s+(?:a|de|em))?\s*(?:SAYING|END)
    | \bsem\s+comentários?\b | ^sem\s+resposta$ | ^passo$
    | \bnão\s+respond(?:o|erei|eria)(?=END|\s+(?:a\s+)?(?:ess|iss))
    | \bnão\s+(?:me\s+)?é\s+possível\b…\bresponder
    """.replace(
        "SAYING",
        r"""(?:responder|opinar|comentar|dizer(?=END|\s+nada)|participar(?=END)
          |(?:escolher|selecionar)(?=END|\s+(?:uma|nenhuma|entre\s+est))
          |(?:dar|expressar|emitir)\s+(?:uma?\s+|minha\s+)?(?:opini|resposta))""",
    ),
    "nl": r"""
      \b(?:wil|kan|zal|mag|ga|wens)\b…\b(?:niet|geen|niets)\b…\b(?:(?:be)?antwoord\w*|reageren)
    | \b(?:dat|dit|daar|daarover|hierover|hier|daarop|mening|oordeel|niets|geen\s+
        (?:antwoord|mening|oordeel|keuze|cijfer|getal|uitspraak|reactie))\b
        …\b(?:zeggen|geven|helpen|doen)(?=END)
    | \bgeen\s+(?:antwoord|keuze|uitspraak)\s+(?:geven|maken|doen)\b
    | \bliever\s+(?:niet|geen)\b…\b(?:(?:be)?antwoord\w*|zeg\w*|reageren|commentaar|mening)
    | \b(?:(?:be)?antwoord\w*|zeg)\b…\bliever\s+(?:niet|geen)\b
    | ^(?:nee,?\s+)?(?:dat\s+)?liever\s+niet$ | \bzeg\s+(?:daar\s+)?liever\s+niets(?=END)
    | \bliever\s+voor\s+(?:me|mij)zelf\b | \bbeantwoord\b…\bniet\b
    | \bik\s+(?:weiger|onthoud\s+(?:me|mij))
        (?=END|\s+(?:te\s+(?:be)?antwoord|om\s|dit|deze|elk|van\s+
        (?:een\s+|elk\s+)?(?:antwoord|commentaar|stem|oordeel)))
    | \bgeen\s+commentaar\b | ^geen\s+antwoord$ | ^ik\s+pas$ | \bniet\s+mogelijk\b…\b(?:be)?antwoord
    """,
    "pl": r"""
      \bwol(?:ę|ałbym|ałabym)\s+(?:tego\s+)?nie
        (?=END|\s+(?:odpowiada|mówić|komentować|wypowiada|udziela|wybiera|zdradza))
    | \bodmawiam(?=END|\s+(?:udzielenia\s+)?(?:odpowiedzi|komentarza|wypowiedzi))
    | \bwstrzymuję\s+się(?=END|\s+od\s+(?:\w+\s+)?(?:odpowiedzi|głosu|komentarza|oceny))
    | \bbez\s+komentarza\b | ^brak\s+odpowiedzi$ | ^pas(?:uję)?$
    | \bnie\s+(?:odpowiem|udzielę\s+(?:na\s+to\s+)?odpowiedzi)\b
    | \bnie\s+jest\s+(?:to\s+)?dla\s+mnie\s+możliwe
    | \bnie\s+(?:mogę|chcę|jestem|będę|zamierzam|potrafię|chciał\w+)\b
        …\b(?:odpowied\w+|odpowiada\w+|s?komentować
          |pomóc(?=END|\s+[wz]\s+ty)|(?:powiedzieć|wybra\w+)(?=END)
          |(?:wyrazić|wyrażać|udzielić|wybrać|podać)\s+(?:\w+\s+)?
            (?:opinii|odpowiedzi|zdania|oceny|opcji|tego))
    """,
    "tr": r"""
      (?:cevap|yanıt)\s+(?:ver(?:e?me|miyor|mek\s+istemi)\w*) | (?:cevapla|yanıtla)
        (?:yam[aı]\w*|m(?:ıyor|am|ayaca)\w*|ma(?:yı|k)\s+(?:reddedi|istem)\w*)
    | ^(?:cevap|yanıt)\s+yok$ | \bçekimser | ^pas(?:\s+geçiyorum)?$ | ^reddediyorum$
    | (?:^|\b(?:bunu|bir\s+şey|fikrimi|görüşümü|düşüncemi|cevabımı|bu\s+konuda)\s+(?:\w+\s+)?)
        (?:söyle|belirt|paylaş)(?:me(?:meyi|k\s+istemi)|mam[aı]yı|mak\s+istemi)\w*
    | (?:cevap|yanıt|yorum|görüş|soru)\w*\s(?:\S+\s){0,2}reddediyorum\b
    | \b(?:görüş|fikir|yorum)\s+(?:bildirem|belirtem|yapam)\w*(?=END)
    | \byardımcı\s+olam\w*(?=END) | \byorum\s+yok\b
    """,
    "zh": r"""
      (?:无法|無法|不能|不可以|不想|不愿|不願|不便|不会|不會|拒绝|拒絕|不方便|帮不|幫不)\S{0,8}?
        (?:回答|作答|答复|答覆|评价|評價|评论|評論|置评|置評|(?:提供|透露|表达|表達|发表|發表|给出|給出)
          (?:$|[.,!?]|\S{0,4}(?:意见|意見|观点|觀點|看法|答案|回答|评分|評分|选项|選項|立场|立場|此))
        |(?:选择|選擇|参与|參與)(?:$|[.,!?]|\S{0,4}
          (?:选项|選項|答案|数字|數字|调查|調查|问卷|問卷)))
    | (?:^|我|,\s?)(?:拒绝|拒絕|不想说|不想說|不回答|不作答)[.,!]?$
    | 不予(?:回答|作答|评论|評論|置评|置評)
    | (?:选择|選擇)不(?:回答|作答|透露|参与|參與)
    | 恕(?:不|难|難|我) | ^我?(?:弃权|棄權|拒答|跳过|跳過)$
    | 无可奉告|無可奉告 | 帮不(?:了|上)|幫不(?:了|上)
    """,
    "ja": r"""
      (?:お?答え|ご?回答|返答)\S{0,8}?
        (?:でき(?:ない|ま)|出来(?:ない|ま)|られ(?:ない|ま)|かね|控え|拒否|しません|したくな|したくあ)
    | 答え(?:たくあり|たくな|ません)
    | (?:(?:^|,\s?)\S{0,2}?|(?:答え|回答|コメント|選択|意見|評価|表明|発言|質問)\S{0,8}?)
        (?:控え(?:させて|ます)|遠慮|お断り)
    | ノーコメント | ^無回答$ | ^パス(?:します|する)?$ | 選(?:べ|択でき)(?:ません|ない) | 棄権
    """,
    "ar": r"""
      (?:لا|لن|لست)\s…(?:الإجابة|الاجابة|الرد\b|الجواب|أجيب|التعليق
        |(?:الإفصاح|الاختيار|القول|المشاركة|المساعدة)(?=END|\s+(?:عن|ب)\s?رأي|\s+(?:في|ب)\s?(?:هذا|هذه|ذلك)))
    | أفضّ?ل\s+(?:عدم|ألا|أن\s+لا)
        (?=END|\s+(?:الإجابة|الاجابة|الرد\b|التعليق|أجيب|القول|الجواب))
    | (?:أرفض|أمتنع)
        (?=END|\s+(?:عن\s+)?(?:الإجابة|الاجابة|الرد\b|التعليق|الجواب|أن\s+أجيب))
    | أعتذر\s+عن\s+(?:عدم\s+)?(?:الإجابة|الرد\b|الجواب)
    | ^(?:لا|بدون|بلا)\s+(?:تعليق|إجابة|اجابة|جواب)$
    """,
}
# What may stand beside an answer as well: bare apologies, and what a model says of itself. People
# have trades ("I am an AI researcher", "Ich bin Programmierer") and lack things ("no experience").
_EXCUSES = {
    "en": r"""
      \b(?:do\s+not|don't|cannot|can't|lack)\s+(?:really\s+|actually\s+|truly\s+)?
        (?:have|hold|possess|form|experience)?\s*(?:any\s+|an?\s+|my\s+)?OWN_VIEW
    | \b(?:have|hold|possess)\s+no\s+OWN_VIEW
    | \b(?:as|being)\s+an?\s+MACHINE
    | \b(?:i\s+am|i'm)\s+(?:just\s+|only\s+|merely\s+|simply\s+)?an?\s+MACHINE
    | ^(?:i'm\s+|i\s+am\s+)?(?:very\s+)?sorry\s*[.!]*$
    | \bsorry\s*,?\s*(?:but\s+)?(?:no(?=END)|(?:i\s+)?can(?:'t|not)?\s*(?:neither\b|(?=END)))
    """.replace(
        "OWN_VIEW",
        r"""(?:(?:(?:personal|subjective|human|own|individual)\s+){1,2}(?:opinion|view|feeling
          |preference|experience|belief|attitude|emotion|stance|perspective|thought)
          |opinions?\b|views?(?=END|\s+on\b)|(?:feeling|preference|experience|belief|attitude|emotion)s?(?=END|\s+(?:or|and)\b
            |\s+(?:about|on|regarding)\s+(?:this|that|it)\b))""",
    ).replace(
        "MACHINE",
        r"""(?:\w+\s+)?(?:ai|artificial\s+intelligence|(?:large\s+)?language\s+model|llm|chat\s?bot|bot
          |machine|(?:ai|virtual|digital)\s+assistant|assistant(?=END)
          |(?:computer\s+)?program(?:me)?)
          (?=END|-\w|\s+(?:and|so|but|or|with|without|that|which|who|created|developed|trained
            |designed|made|built|by|model|system|language|learning|assistant|chatbot|i|this|it|my|not)\b)""",
    ),
    "de": r"""
      ^(?:es\s+)?(?:tut\s+mir\s+(?:\w+\s+)?leid|entschuldigung)\s*[.!]*$
    | \bals\s+(?:eine?\s+)?(?:\w+\s+)?MACHINE
    | \bich\s+bin\s+(?:nur\s+|lediglich\s+|bloß\s+|doch\s+)*(?:eine?\s+)?(?:\w+\s+)?MACHINE
    | \b(?:habe|besitze)\s+(?:ich\s+)?(?:als\s+\S+\s+)?keine\s+(?:(?:eigenen?|persönlichen?)\s+)?
        (?:meinung|ansicht|einstellung|(?:gefühl|überzeugung|vorliebe)ALONE)
    """.replace(
        "MACHINE",
        r"""(?:ki(?:-(?:modell|system|assistent|basiert)\w*)?(?![-\w])|künstliche\s+intelligenz
          |sprachmodell\b|chatbot\b|maschine\b|(?:computer)?programm\b)""",
    ),
    "fr": r"""
      ^(?:je\s+suis\s+)?désolée?\s*[.!]*$
    | (?:\ben\s+tant\s+qu(?:e\s+|')(?:une?\s+)?|\bje\s+(?:ne\s+)?suis\s+\S*\s*(?:qu')?une?\s+)
        (?:\w+\s+)?(?:ia\b|intelligence\s+artificielle|modèle\s+(?:de\s+langage|d'ia|linguistique)
        |assistant\s+(?:virtuel|numérique|conversationnel|ia)|programme(?:\s+informatique|(?=END))
        |chatbot\b|machine(?=END))
    | \b(?:n'ai|ne\s+possède|ne\s+dispose|n'éprouve)\s+(?:pas|aucune?)\b…(?:opinion|avis\b
        |(?:sentiment|croyance|préférence|émotion|conviction)ALONE)
    """,
    "es": r"""
      ^lo\s+siento\s*[.!]*$
    | (?:\bcomo\s+(?:una?\s+)?|\bsoy\s+(?:\w+\s+)?una?\s+)(?:\w+\s+)?
        (?:ia\b|inteligencia\s+artificial|modelo\s+(?:de\s+)?(?:lenguaje|ling|ia\b)
        |asistente\s+(?:virtual|digital|de\s+ia)|programa(?:\s+inform|\s+de\s+(?:orden|comp)|(?=END))
        |chatbot\b|máquina(?=END))
    | \b(?:no\s+(?:tengo|poseo)|carezco)\b…(?:opini
        |(?:sentimiento|creencia|preferencia|emocion)ALONE)
    """,
    "it": r"""
      ^mi\s+dispiace\s*[.!]*$
    | (?:\b(?:come|in\s+quanto|essendo)\s+(?:una?\s+|un')?
        |\bsono\s+(?:\w+\s+)?un(?:a\s+|o\s+|'|\s+))
        (?:\w+\s+)?(?:ia\b|intelligenza\s+artificiale|modello\s+(?:ling|di\s+ling|di\s+ia\b)
        |assistente\s+(?:virtuale|digitale|ia\b)|programma(?:\s+inform|(?=END))|chatbot\b
        |macchina(?=END))
    | \bnon\s+(?:ho|possiedo)\b…(?:opinion|(?:sentiment|convinzion|preferenz|emozion)ALONE)
    """,
    "pt": r"""
      ^(?:desculpe|lamento|sinto\s+muito)\s*[.!]*$
    | (?:\bcomo\s+(?:uma?\s+)?|\bsou\s+(?:\w+\s+)?uma?\s+)(?:\w+\s+)?
        (?:ia\b|inteligência\s+artificial|modelo\s+(?:de\s+linguagem|de\s+ia\b)
        |assistente\s+(?:virtual|digital|de\s+ia)|programa(?:\s+de\s+comp|(?=END))|chatbot\b
        |máquina(?=END))
    | \bnão\s+(?:tenho|possuo)\b…(?:opini|(?:sentimento|crença|preferência|emoç)ALONE)
    """,
    "nl": r"""
      ^het\s+spijt\s+me\s*[.!]*$
    | (?:\bals\s+(?:een\s+)?|\bik\s+ben\s+(?:\w+\s+)?(?:een\s+)?)(?:\w+\s+)?
        (?:ai(?:-(?:model|assistent|systeem))?(?![-\w])|kunstmatige\s+intelligentie|taalmodel\b
        |(?:computer)?programma\b|chatbot\b|machine(?=END)|(?:virtuele|digitale)\s+assistent)
    | \b(?:heb|bezit)\s+(?:ik\s+)?geen\s+(?:(?:eigen|persoonlijke)\s+)?
        (?:mening|(?:gevoel|overtuiging|voorkeur)ALONE)
    """,
    "pl": r"""
      ^(?:przepraszam|(?:jest\s+mi\s+)?przykro\s*(?:mi)?)\s*[.!]*$
    | (?:\bjako|\bjestem\s+(?:tylko\s+|jedynie\s+)?)\s*
        (?:sztuczn\w+\s+inteligen|si\b|ai\b|model\w*\s+(?:język|ai\b)|program\w*\s+komputerow
        |asystent\w*\s+(?:ai\b|wirtualn)|maszyną\b)
    | \bnie\s+(?:mam|posiadam)\b…(?:opinii|zdania|poglądów|(?:uczuć|przekonań|preferencji)ALONE)
    """,
    "tr": r"""
      ^(?:üzgünüm|özür\s+dilerim|kusura\s+bakmayın)\s*[.!]*$
    | \byapay\s+zek[aâ]\s*(?:olarak|yım|olduğum|modeli|END)
    | \bdil\s+model(?:iyim|i\s+olarak|i\s+olduğum)
    | \bprogram(?:ı|ıy|y)ım\b
    | (?:görüş|fikr|fikir|kanaat)\w*\s+(?:yok|bulunm|sahip\s+değil)
    | (?:duygu|inanc|inanç|tercih)\w*\s+(?:yok|bulunmu|sahip\s+değil)\w*(?=END)
    """,
    "zh": r"""
      ^(?:抱歉|很抱歉|对不起|對不起)[.!]*$
    | (?:作为|作為|身为|身為|我(?:只|仅仅|僅)?(?:是|不过是))\S{0,4}
        (?:(?:人工智能|人工智慧|AI|机器人|機器人)(?!\S{0,3}(?:工程|研究|专家|專家|开发|開發|公司))
        |语言模型|語言模型|程序(?!员|員|设计|設計)|程式(?!员|員|设计|設計)|(?:智能|虚拟|虛擬)助手)
    | (?:没有|沒有|不具备|不具備)\S{0,8}
        (?:意见|意見|观点|觀點|看法|感受|情感|立场|立場|偏好|信念|感情)(?:\s*,?\s*(?:但是|可是|只是))?
    """,
    "ja": r"""
      ^(?:申し訳(?:ありません|ございません)|すみません|ごめんなさい)[.!]*$
    | (?:AI|人工知能|言語モデル|プログラム)(?:アシスタント|モデル)?
        (?:として|です|なので|であ|に過ぎ|にすぎ)
    | (?:意見|感情|考え|信念|好み|見解)
        (?:[がは]な[いく]|[をがは](?:持|あり|も)\S{0,6}?(?:ません|ない))
    """,
    "ar": r"""
      ^(?:أعتذر|عذر(?:ا|اً|ًا)|آسفة?|المعذرة)\s*[.!]*$
    | (?:بصفتي|كوني|باعتباري|أنا\s+(?:مجرد\s+|فقط\s+)?)\s*(?:ال)?
        (?:ذكاء|نموذج|برنامج|مساعد\s+(?:ذكي|افتراضي|رقمي|ذكاء)|روبوت|آلة)
    | (?:ليس|ليست)\s+(?:لدي|لديّ|عندي)…(?:رأي|آراء|(?:مشاعر|معتقدات|تفضيلات)(?=END|\s))
    | لا\s+(?:أملك|أمتلك)…(?:رأي|آراء|(?:مشاعر|معتقدات|تفضيلات)(?=END|\s))
    """,
}
# A noun that ends its sentence or stands in a list, with the word for "personal" behind it or not.
_ALONE = rf"""\w*(?:\s+(?:persona|own|propi|osobist)\w*)?
    (?={_END}|\s+(?:or|and|oder|und|noch|et|ou|ni|o|y|e|né|nem|of|en|ani|i|lub)\b)"""


# To compile these takes as long as to import half the program, and most commands read no reply: it
# waits for the first that does.
@cache
def _refusal() -> re.Pattern[str]:
    return _any_of(_REFUSALS)


@cache
def _excuse() -> re.Pattern[str]:
    return _any_of(_EXCUSES)


def _any_of(patterns: Mapping[str, str]) -> re.Pattern[str]:
    alternatives = "|".join(
        pattern.replace("…", _SOME_WORDS).replace("ALONE", _ALONE).replace("END", _END)
        for pattern in patterns.values()
    )
    return re.compile(alternatives, re.IGNORECASE | re.VERBOSE)


def declines(text: str) -> bool:
    """Whether a straightened text is known to decline an answer."""
    return _refusal().search(text) is not None


def excuses(text: str) -> bool:
    """Whether a straightened text excuses itself: by which, if it names no option, it declines."""
    return _excuse().search(text) is not None


def without_excuses(text: str, labels: Sequence[str]) -> str:
    """A straightened text without the words of its excuses, which name no option.

    "No" in "I have no opinion" answers nothing; an option that is most of an excuse and its end is
    what is said with it: "no opinion" stays.
    """
    ends = sorted((label.casefold() for label in labels), key=len, reverse=True)

    def left(found: re.Match[str]) -> str:
        said = found[0].casefold()
        kept = (one for one in ends if 2 * len(one) > len(said) and said.endswith(one))
        return f" {next(kept, '')}\n"

    return _excuse().sub(left, text)

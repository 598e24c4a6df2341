"""The legal forms of companies as they stand in names, abbreviated and written out, in many languages and scripts.

Forms that are also common words or codes of countries (AD, DA, OK, UK and the like) are left out: to cut them off
could take two companies for one.
"""

# One form a line: its spellings, without dots and accents; the first one stands for all of them. A spelling of several
# words is the form as a whole.
_FORMS = """
ltd, limited, ltee, limitee
llc, limited liability company
inc, incorporated
corp, corporation
co, company, cie, compagnie, cia, compania
plc, public limited company
llp, limited liability partnership
lp, limited partnership
lllp
pllc
ulc
unltd, unlimited, ultd
cic, community interest company
cio
pty, proprietary
pte
pvt, private
gmbh, gesellschaft mit beschrankter haftung, ges mbh, gesmbh, g m b h
mbh
ag, aktiengesellschaft
kg, kommanditgesellschaft
ohg, offene handelsgesellschaft
og, offene gesellschaft
ug, unternehmergesellschaft, ug haftungsbeschrankt, unternehmergesellschaft haftungsbeschrankt
kgaa, kommanditgesellschaft auf aktien
ev, eingetragener verein
eg, eingetragene genossenschaft
gbr, gesellschaft burgerlichen rechts
gesbr
partg, partnerschaftsgesellschaft
partgmbb
ek, eingetragener kaufmann, eingetragene kauffrau
ggmbh, gemeinnutzige gmbh
se, societas europaea
sa, societe anonyme, sociedad anonima, sociedade anonima, s a
sas, societe par actions simplifiee, sociedad por acciones simplificada
sasu
sarl, societe a responsabilite limitee, s a rl, sa rl
sagl
eurl
sci
scop
snc, societe en nom collectif, societa in nome collettivo
gie
scs
sca
srl, societa a responsabilita limitata, sociedad de responsabilidad limitada, s r l
srls
spa, societa per azioni, sociedad por acciones, s p a
sapa
scarl
scpa
scrl
eirl
bv, besloten vennootschap, b v
nv, naamloze vennootschap, n v
vof, vennootschap onder firma
cv
bvba
commv, comm v
cvba
sprl
vzw
asbl
ab, aktiebolag, aktiebolaget, ab publ
hb, handelsbolag, handelsbolaget
kb, kommanditbolag, kommanditbolaget
as, aktieselskab, aksjeselskap, akciova spolecnost, akciova spolocnost, a s, anonim sirketi
asa, allmennaksjeselskap
amba
smba
ks, kommanditselskab, komanditni spolecnost
vos, verejna obchodni spolecnost
aps, anpartsselskab
nuf
ans
oy, osakeyhtio
oyj, julkinen osakeyhtio
ky, kommandiittiyhtio
ehf, einkahlutafelag
ohf
hf, hlutafelag
kft, korlatolt felelossegu tarsasag
zrt
kkt
kht
nyrt
bt
doo, d o o
dooel
jtd
dno
dd
sro, spol sro, spol s ro, s r o, spolecnost s rucenim omezenym, spolocnost s rucenim obmedzenym
spzoo, sp zoo, sp z oo, spolka zoo, spolka z oo, spolka z ograniczona odpowiedzialnoscia, sp z o o
mchj
spolka, spolka akcyjna
ska
spp, sp p, spolka partnerska
spk, sp k, spolka komandytowa
spj, sp j, spolka jawna
ood, оод
eood, еоод
shpk, sh pk
sha, sh a
uab
sia
ou, osauhing
ltda, limitada, sociedade limitada
lda
sl, sociedad limitada, s l
slu, sociedad limitada unipersonal
sau
sll
scl
sccl
sadecv, sa de cv, sociedad anonima de capital variable
sabdecv, sab de cv
sderldecv, s de rl de cv, s de rl, srl de cv
sapidecv, sapi de cv
sgps
sicav
crl
kk, kabushiki kaisha, kabushiki gaisha, 株式会社
gk, godo kaisha, 合同会社
yk, yugen kaisha, 有限会社
有限公司, 有限责任公司, 有限責任公司
股份有限公司
주식회사
유한회사
pt
tbk
bhd, berhad
sdn, sendirian
sae
saog
saoc
wll
bsc
fze
fzco
fzllc, fz llc
jsc, joint stock company
pjsc, public joint stock company
ooo, ооо, общество с ограниченной ответственностью
oao, оао, открытое акционерное общество
zao, зао, закрытое акционерное общество
pao, пао, публичное акционерное общество
ao, ао, акционерное общество
tov, тов, товариство з обмеженою відповідальністю
prat, прат
ип, индивидуальный предприниматель
epe, επε
ae, αε, ανωνυμη εταιρεια
ike, ικε
ltdsti, ltd sti, limited sirketi
bm, בעמ, בע מ
"""

# The forms that also stand in front of a name. Others in front (AS, SIA, PT) are names as well.
_IN_FRONT = """
ооо оао зао пао ао тов прат ип ooo oao zao uab
株式会社 合同会社 有限会社 주식회사 유한회사
"""

# Scripts without spaces: such a form is cut off a word that it starts or ends, the longest first.
UNSPACED = (
    "股份有限公司",
    "有限责任公司",
    "有限責任公司",
    "株式会社",
    "合同会社",
    "有限会社",
    "有限公司",
    "주식회사",
    "유한회사",
)
# One sign, which is a form only in brackets: (株).
BRACKETED = {"株": "株式会社", "有": "有限会社", "주": "주식회사"}


def table(fold):
    """Return ``{words of a spelling: form}`` and the spellings that may stand in front, read with a fold of letters.

    >>> forms, in_front = table(str)
    >>> forms["public", "limited", "company"], forms[("ооо",)], "ооо" in in_front, "plc" in in_front
    ('plc', 'ooo', True, False)
    """
    forms = {}
    for line in _FORMS.strip().splitlines():
        spellings = line.split(", ")
        forms.update(dict.fromkeys([tuple(fold(one).split()) for one in spellings], spellings[0]))
    return forms, frozenset(fold(_IN_FRONT).split())

"""Passwords that are tried first (S-29, R-132, R-133): words everybody thinks of, with what people put around them.

Nothing here was copied from a list of leaked passwords. The words below were written down for this program; the
several thousand passwords are composed of them, in Russian, in Latin letters and in the wrong keyboard layout, with the
usual figures and signs before and after. `passwords()` spells the most usual of them out.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from sandbox_idp.accounts.spelling import folded, ways

_RUSSIAN = """
пароль привет админ администратор пользователь логин вход войти доступ секрет тайна ключ замок охрана сейф код шифр
пусти открой сезам здравствуй здравствуйте пока спасибо пожалуйста хорошо плохо любовь люблю любимая любимый любимка
милая милый солнце солнышко солнечный зайка зайчик зая котик котенок котёнок кошка кот собака собачка пёсик рыбка
рыба птичка мышка мышь мишка медведь волк тигр лев слон заяц лиса лисичка белка ёжик бабочка пчёлка муравей дельфин
дракон ангел ангелочек демон дьявол бог господь вера надежда счастье удача успех победа радость мечта жизнь смерть
мир дружба война свобода сила воля правда судьба душа сердце звезда звёздочка луна земля небо космос ракета
мама мамочка папа папочка бабушка дедушка сестра брат братик дочка доченька сын сынок сыночек семья дети ребёнок
малыш малышка муж жена друг подруга
саша маша даша паша миша гриша наташа настя катя лена оля юля таня аня ира света вика ника лиза полина ксюша женя
дима вова коля толя серёжа андрей алексей артём максим никита денис антон роман игорь олег виктор кирилл илья
александр александра мария дарья анастасия екатерина елена ольга юлия татьяна анна ирина светлана виктория наталья
сергей дмитрий владимир николай михаил павел евгений
москва питер петербург россия рашка русь родина сибирь урал казань воронеж самара омск томск пермь крым волга байкал
спартак зенит динамо цска локомотив футбол хоккей чемпион спорт
весна лето осень зима снег дождь январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
понедельник вторник среда четверг пятница суббота воскресенье
яблоко банан апельсин лимон вишня клубника малина конфета шоколад пирожок пельмени борщ водка пиво кофе чай молоко
машина тачка лада волга мерседес телефон компьютер интернет почта яндекс вконтакте одноклассники сайт браузер
директор начальник бухгалтер учитель школа институт работа офис деньги рубль миллион доллар банк карта касса
госуслуги госуслуга портал кабинет поликлиника больница врач доктор медик медсестра регистратура запись талон пациент
здоровье здравоохранение минздрав егисз есиа полис снилс паспорт инн омс анализы рецепт аптека прививка
тест проба проверка временный новый старый простой сложный мойпароль пароли незнаю забыл неважно ничего просто вася
василий петя иван иванов петров сидоров король королева принцесса принц царь герой супер круто крутой лучший
первый главный самый моя мой наш твой русский красотка красавица девочка мальчик зелёный красный синий чёрный белый
"""
_ENGLISH = """
password passwort passwd pass word passcode passphrase admin administrator root user username login logon guest test
testing tester demo default temp temporary changeme change letmein enter access secret secrets private security
secure key master system server network internet computer laptop windows linux android apple google yandex facebook
welcome hello hi goodbye thanks please love lover iloveyou loveyou ilove loveme baby babygirl babyboy honey sweet
sweetie sugar angel devil demon heaven hell god jesus christ faith hope lucky luck happy smile sunshine sunny sun
moon star stars starwars star-wars sky ocean river summer winter spring autumn snow rain thunder storm fire ice
dragon monkey tiger lion wolf bear eagle falcon hawk shark dolphin panda rabbit bunny horse pony kitty kitten cat
puppy doggy dog mouse snake spider phoenix unicorn butterfly
football soccer hockey baseball basketball tennis golf boxing racing champion winner player gamer game games
superman batman spiderman ironman joker hunter ranger killer soldier warrior ninja samurai pirate knight wizard
master-key matrix shadow ghost magic mystery legend hero king queen prince princess lord boss chief captain
michael jordan daniel david andrew thomas robert james john alex max mike nick sam tom jack harry charlie george
jessica jennifer michelle ashley amanda nicole sarah anna maria kate lisa laura
orange banana cherry lemon peach apple-pie cookie chocolate candy cheese pepper ginger coffee beer vodka whiskey
red blue green black white yellow purple silver gold golden diamond ruby crystal platinum
london paris moscow berlin newyork america england russia canada france germany
mercedes ferrari porsche toyota honda bmw audi lada
money dollar million rich bank credit freedom peace victory power strong energy rock metal music guitar piano
trustno whatever nothing something anything nobody everyone qwert qwerty asdf asdfgh zxcvb zxcvbn qaz qazwsx qazwsxedc
wsx edc abc abcd abcdef aaa xxx zzz
gosuslugi gosuslugi-ru esia egisz portal cabinet clinic hospital doctor patient health medical medicine polis snils
passport minzdrav poliklinika sandbox stand training
"""
_FIGURES = """
0123456789 123456789 1234567890 12345678 1234567 123456 12345 987654321 87654321 654321 54321 111111 1111111 11111111
222222 333333 444444 555555 666666 777777 7777777 888888 999999 000000 00000000 112233 11223344 1122334455 123321
1234321 123454321 123123 123123123 121212 12121212 131313 101010 10101010 100500 147258 147258369 147852 159357 159753
741852 741852963 789456 789456123 852456 963852741 135790 246810 11112222 12344321 123456123456 102030 1020304050
1q2w3e 1q2w3e4r 1q2w3e4r5t q1w2e3 q1w2e3r4 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 zaq12wsx zaq1xsw2 qaz123 qwe123 qweasd
qweasdzxc asd123 zxc123 asdzxc 123qwe 123qweasd 123qweasdzxc qwe123qwe qwerty123456 abc123 a123456 a1b2c3 a1b2c3d4
aa123456 q12345 й1ц2у3 й1ц2у3к4 1й2ц3у 1й2ц3у4к йфяцыч йцу123 йцуфыв йцуфывячс фыв123 ячс123 123йцу 123йцуфыв 1йфя2цыч
"""
_TAILS = (
    *("1", "2", "7", "11", "12", "13", "21", "22", "23", "33", "55", "69", "77", "88", "99", "00", "01", "007"),
    *("111", "123", "321", "333", "555", "666", "777", "888", "999", "1111", "1234", "12345", "123456"),
    *(str(year) for year in range(1950, 2031)),
    *("!", "!!", "!1", "1!", "123!", "!123", "#1", "@1", "*"),
)
"""What is put behind a word most often."""
AROUND = 8
"""So many figures and signs around a known word make it no better; more than that may be a secret of their own."""

_SIGNS_FOR_LETTERS = str.maketrans("013457@$!|€", "oieastasiie")
_NO_LETTER = re.compile(r"[\W\d_]+")


@functools.cache
def words() -> frozenset[str]:
    """Every known word, folded, letters alone, in each way in which it is typed."""
    found: set[str] = set()
    for word in _RUSSIAN.split():
        found |= ways(folded(word)) | ways(word)
    for word in _ENGLISH.split():
        found |= ways(_NO_LETTER.sub("", word))
    return frozenset(_NO_LETTER.sub("", word) for word in found) - {""}


@functools.cache
def figures() -> frozenset[str]:
    """Known passwords that are figures, or figures and letters by turns."""
    return frozenset(_FIGURES.split())


def passwords() -> Iterator[str]:
    """The most usual of them, spelled out: each word alone and with each usual ending, and the figures."""
    yield from sorted(figures())
    for word in sorted(words()):
        yield word
        for tail in _TAILS:
            yield word + tail


def is_known(password: str) -> bool:
    """Whether the password is one of those, in whatever case and with letters replaced by signs (`P@ssw0rd1!`).

    Two known words after one another are known as well: `AdminPassword2026!`.
    """
    typed = folded(password)
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", typed)
    if core and len(typed) - len(core) <= AROUND:
        for spelling in (core, core.translate(_SIGNS_FOR_LETTERS)):
            letters = _NO_LETTER.sub("", spelling)
            if _all_known(letters):
                return True
    if _all_known(_NO_LETTER.sub("", typed.translate(_SIGNS_FOR_LETTERS))):
        return True
    return _is_figures(re.sub(r"[\W_]+", "", typed))


def _all_known(letters: str) -> bool:
    known = words()
    return letters in known or any(
        letters[:place] in known and letters[place:] in known for place in range(2, len(letters) - 1)
    )


def _is_figures(compact: str) -> bool:
    """One of the figures, alone or followed by a few more."""
    return any(compact[:size] in figures() for size in range(max(len(compact) - 4, 5), len(compact) + 1))

"""The demo's people: made-up households, with origins as varied as a practice's patients."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

ALONE = 0.5
"""The share of households of one."""
PAIR = 0.2
"""The share of two older people on one mobile; all other households are families."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Names that go together."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    first_name: str
    last_name: str
    female: bool
    birth_date: date
    age: int
    """Whole years."""


def _names(women: str, men: str, families: str) -> Origin:
    return Origin(tuple(women.split()), tuple(men.split()), tuple(families.split(", ")))


ORIGINS = (
    _names(
        "Olivia Charlotte Amelia Matilda Ruby Harriet Margaret Judith Kylie Zoë",
        "Oliver Jack William Lachlan Angus Bruce Kevin Graham Darren Thomas",
        "Smith, Jones, Williams, Brown, Wilson, Taylor, Campbell, Walker, Mitchell, Baker",
    ),
    _names(
        "Siobhan Niamh Aoife Bridget Maeve Eileen",
        "Sean Declan Patrick Eoin Finbar Brendan",
        "O'Brien, Murphy, Kelly, O'Sullivan, Fitzgerald, Gallagher",
    ),
    _names(
        "Kirra Alinta Marlee Jedda Tanika Tarni",
        "Jarrah Koa Tyson Jayden Warrick Nathan",
        "Bennell, Walley, Moran, Roberts, Simpson, Narrier",
    ),
    _names(
        "Mei Ling Xin Jing Yan Hui",
        "Wei Jun Ming Bo Hao Lei",
        "Chen, Wang, Li, Zhang, Liu, Huang",
    ),
    _names(
        "Linh Thu Mai Hoa Ngoc Phuong",
        "Minh Tuan Hung Quang Duc Nam",
        "Nguyen, Tran, Le, Pham, Vo, Bui",
    ),
    _names(
        "Priya Ananya Deepa Kavita Harpreet Meena",
        "Arjun Rohan Sanjay Vikram Gurpreet Suresh",
        "Patel, Singh, Sharma, Kaur, Reddy, Iyer",
    ),
    _names(
        "Maria Sofia Chiara Francesca Rosa Concetta",
        "Marco Giuseppe Antonio Luca Salvatore Domenico",
        "Rossi, Russo, Romano, De Luca, Greco, Di Stefano",
    ),
    _names(
        "Eleni Katerina Despina Voula Anastasia Georgia",
        "Dimitri Kostas Nikos Yannis Stavros Theo",
        "Papadopoulos, Pappas, Nikolaidis, Georgiou, Vlahos, Economou",
    ),
    _names(
        "Layla Fatima Mariam Nour Rania Samira",
        "Omar Ali Hassan Khaled Youssef Elias",
        "Haddad, Khoury, Nasser, Mansour, Saleh, Abboud",
    ),
    _names(
        "Maricel Jasmine Angelica Rowena Luz Cristina",
        "Jose Rodel Miguel Ramon Carlo Benjie",
        "Santos, Reyes, Cruz, Bautista, Garcia, Dela Cruz",
    ),
    _names(
        "Sina Talia Mele Losa Ana Hine",
        "Sione Tevita Semisi Manu Tama Wiremu",
        "Tuilagi, Faleolo, Taufa, Leota, Ngata, Parata",
    ),
    _names(
        "Milica Jelena Agnieszka Katarzyna Ljubica Ivana",
        "Dragan Zoran Piotr Goran Mirko Jerzy",
        "Petrovic, Kowalski, Horvat, Jovanovic, Nowak, Novak",
    ),
)


def household(random: Random, today: date) -> list[Person]:
    """Return people who share one mobile, its owner first: one, an older pair, or a family."""
    origin = random.choice(ORIGINS)
    family = random.choice(origin.families)
    drawn = random.random()
    if drawn < ALONE:
        ages = [random.randint(19, 92)]
    elif drawn < ALONE + PAIR:
        elder = random.randint(66, 88)
        ages = [elder, elder - random.randint(0, 4)]
    else:
        parent = random.randint(24, 46)
        parents = [parent, parent + random.randint(-2, 5)][: random.randint(1, 2)]
        children = random.randint(1, 3)
        ages = parents + [random.randint(0, min(16, parent - 22)) for _ in range(children)]
    females = [random.choice((True, False)) for _ in ages]
    if len(ages) > 1:
        females[:2] = [True, False]
    people: list[Person] = []
    for age, female in zip(ages, females, strict=True):
        taken = {person.first_name for person in people}
        names = [n for n in (origin.women if female else origin.men) if n not in taken]
        born = today - timedelta(days=age * 365.25 + random.randint(2, 360))
        people.append(Person(random.choice(names), family, female, born, age))
    return people

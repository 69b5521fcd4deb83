"""The community that the soak runs on: 200 lists in a tree of four levels, people in several of them, made once for all seeds."""

import collections
import random

from harness import world

LISTS = 200
PEOPLE = 300
ROOT = "maimc"
MODES = ("each",) * 16 + ("daily",) * 2 + ("weekly", "none")


def address(name):
    return world.address(name)


class Community:
    """Who is where before anything happens. `lists`: {name: parent}; `people`: {address: {list: mode}}."""

    def __init__(self):
        rng = random.Random("the same community for each seed")
        self.lists = {ROOT: None}
        countries = [f"country{n}" for n in range(12)]
        regions = [f"region{n}" for n in range(24)]
        self.lists.update({name: ROOT for name in countries})
        self.lists.update({name: countries[n % 12] for n, name in enumerate(regions)})
        cities = [f"city{n:03}" for n in range(LISTS - len(self.lists))]
        self.lists.update({name: rng.choice(countries + regions) for name in cities})
        self.people = {}
        for number in range(PEOPLE):
            places = rng.sample(cities, rng.choice((1, 1, 2, 3)))
            if rng.random() < 0.15:
                places.append(rng.choice(countries + regions + [ROOT]))
            self.people[f"p{number:03}@people{number % 7}.example"] = {place: rng.choice(MODES) for place in places}
        everybody = list(self.people)
        self.writers, self.movers = everybody[:120], everybody[120:280]  # these stay as they are; these join, leave, change
        self.dead = everybody[280:]  # their copies come back
        self.reachable = {name: self._below(name) for name in self.lists}

    def _below(self, name):
        """The list and every section below it."""
        found = {name}
        while more := {child for child, parent in self.lists.items() if parent in found} - found:
            found |= more
        return frozenset(found)

    def above(self, name):
        """The list and what it lies in, nearest first."""
        chain = []
        while name:
            chain.append(name)
            name = self.lists[name]
        return chain

    def create(self, majlis):
        """Puts it into a fresh database."""
        for name, parent in self.lists.items():  # parents come first
            majlis.run("list", "create", name, "--address", address(name), "--title", name.title(),
                       *(["--parent", parent] if parent else []))
        majlis.run("list", "set", ROOT, "flood=off", "bounce_threshold=2")
        majlis.run("role", "add", ROOT, world.MEMBERS[-1][0], "moderator")
        rosters = collections.defaultdict(list)
        for person, places in self.people.items():
            for place, mode in places.items():
                rosters[place].append(f"{person},{mode}\n")
        for place, rows in rosters.items():
            file = majlis.folder / "roster.csv"
            file.write_text("address,mode\n" + "".join(rows))
            majlis.run("member", "import", place, file, "--format", "csv")

    def template(self, majlis, file):
        """A database with all of it, to be copied for each seed."""
        self.create(majlis)
        majlis.run("db", "backup", file)
        return file

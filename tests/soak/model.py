"""What must have arrived: reckoned from what people did, beside majlis and not from it.

A moment is never known exactly, only that something happened between its beginning and when it was seen to be done. Where a
change of somebody's membership and a post's acceptance overlap, he may get the post; in all other cases he must, or must not."""

import dataclasses
import math

STRENGTH = ("none", "weekly", "daily", "each")
EVER = math.inf


@dataclasses.dataclass
class Change:
    """Of one person on one list. mode: None when he has left."""
    person: str
    place: str
    mode: str | None
    begun: float
    ended: float = EVER  # when it was seen to be done


@dataclasses.dataclass
class Post:
    tag: str  # stands in Subject and body, and nowhere else
    message_id: str
    sender: str
    targets: set
    body_hash: str
    begun: float
    ended: float = EVER  # when all its lists had their verdict, held ones their release
    finished: float = EVER  # when its deliveries were over
    held: bool = False  # waits until somebody releases it
    released: bool = False
    certain: bool = True  # False: it may not have been accepted at all (a command that failed half way)


@dataclasses.dataclass
class Audience:
    each: set = dataclasses.field(default_factory=set)  # must get it by itself
    digest: set = dataclasses.field(default_factory=set)  # must get it in a digest
    may: set = dataclasses.field(default_factory=set)


class Model:
    def __init__(self, community):
        self.community = community
        self.changes = {}  # person: [Change]
        self.posts = {}  # tag: Post

    def change(self, *arguments, **options):
        change = Change(*arguments, **options)
        self.changes.setdefault(change.person, []).append(change)
        return change

    def withdraw(self, change):
        """It is known not to have happened."""
        self.changes[change.person].remove(change)

    def everybody(self):
        return {*self.community.people, *self.changes}

    def places(self, person, moment):
        """{list: mode} of what was done by then."""
        places = dict(self.community.people.get(person, {}))
        for change in self.changes.get(person, ()):
            if change.ended <= moment:
                if change.mode is None:
                    places.pop(change.place, None)
                else:
                    places[change.place] = change.mode
        return places

    def open_changes(self, person, begun, ended):
        """Of these moments."""
        return [change for change in self.changes.get(person, ()) if change.begun <= ended and change.ended >= begun]

    def mode_for(self, places, target):
        """The mode for a post to target: his row on it, else the nearest below on each branch, the strongest of them."""
        if target in places:
            return places[target]
        below = self.community.reachable[target]
        mine = {place for place in places if place in below}
        nearest = [place for place in mine if not mine & set(self.community.above(place)[1:])]
        return max((places[place] for place in nearest), key=STRENGTH.index, default=None)

    def audience(self, post):
        """Who must get it, and who may."""
        found = Audience()
        if post.held and not post.released:
            return found
        reached = frozenset().union(*(self.community.reachable[target] for target in post.targets))
        for person in self.everybody():
            moved = [change for change in self.open_changes(person, post.begun, post.finished) if change.place in reached]
            places = self.places(person, post.begun)
            mode = max((self.mode_for(places, target) for target in post.targets),
                       key=lambda mode: STRENGTH.index(mode) if mode else -1, default=None)
            later = [change for change in self.open_changes(person, post.finished, EVER) if change.place in reached]
            if moved or not post.certain or (later and mode in ("daily", "weekly")):
                found.may.add(person)
            elif mode == "each":
                found.each.add(person)
            elif mode in ("daily", "weekly"):
                found.digest.add(person)
        return found

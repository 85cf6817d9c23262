"""Books of organisations with known links, for `healthscore map match`: how many links are found, and how many are wrong."""
import csv
import os
import subprocess
import time

SYLLABLES = "ba ko ri ta mel son dra vi lo quen ster fa gri no pel mar tu zen ho wick ly ar ben cor es dol fen gar hul".split()
TRADES = "Hotel Resort Foods Systems Partners Care Bank Energy Logistics Media Retail Labs Clinic Transport Stores".split()
FORMS = ["", " Inc", " Ltd", " GmbH", " LLC", " S.A."]
FIELDS = ["id", "name", "website", "phone", "street", "postcode"]


def word(dice):
    return "".join(dice.choice(SYLLABLES) for _ in range(dice.randint(2, 4))).capitalize()


def organisation(dice, streets):
    words = [word(dice)] + ([word(dice)] if dice.random() < 0.4 else []) + ([dice.choice(TRADES)] if dice.random() < 0.8 else [])
    name = " ".join(words)
    return {
        "name": name + dice.choice(FORMS),
        "website": f"www.{name.replace(' ', '').lower()}.example" if dice.random() < 0.7 else "",
        "phone": f"+1{dice.randint(2_000_000_000, 9_999_999_999)}" if dice.random() < 0.6 else "",
        "street": f"{dice.randint(1, 9999)} {dice.choice(streets)}" if dice.random() < 0.6 else "",
        "postcode": f"{dice.randint(10_000, 99_999)}",
    }


def variant(row, dice):
    """The same organisation as another system has it."""
    other = dict(row)
    name = other["name"]
    if dice.random() < 0.3:
        place = dice.randrange(1, len(name))
        name = name[:place] + name[place + 1:]
    if dice.random() < 0.3:
        name = name.upper().replace(" INC", "").replace(" LTD", " LIMITED")
    if dice.random() < 0.3:
        other["phone"] = ""
    if dice.random() < 0.2:
        other["website"] = ""
    other["name"] = name
    return other


def write(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows)


def measure(program, folder, size, dice):
    """Returns precision and recall of what is sure, recall with what is to review, seconds and MiB."""
    streets = [f"{word(dice)} {dice.choice(['St', 'Ave', 'Rd'])}" for _ in range(size // 6)]
    left, right, truth = [], [], {}
    for index in range(size):
        row = dict(organisation(dice, streets), id=f"L{index}")
        left.append(row)
        if dice.random() < 0.8:
            right.append(dict(variant(row, dice), id=f"R{index}"))
            truth[row["id"]] = f"R{index}"
        else:
            right.append(dict(organisation(dice, streets), id=f"R{index}"))
    dice.shuffle(right)
    write(f"{folder}/left.csv", left)
    write(f"{folder}/right.csv", right)
    start = time.monotonic()
    process = subprocess.Popen(
        [program, "map", "match", "--left", f"{folder}/left.csv", "--right", f"{folder}/right.csv", "--top", "3", "--out", f"{folder}/out.csv"],
        stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    if status:
        raise SystemExit("map match failed")
    sure = right_sure = 0
    found = set()
    with open(f"{folder}/out.csv") as file:
        for row in csv.DictReader(file):
            is_right = truth.get(row["left_id"]) == row["right_id"]
            if row["decision"] == "auto":
                sure += 1
                right_sure += is_right
            if is_right and row["decision"] != "none":
                found.add(row["left_id"])
    return {
        "rows": size, "precision": right_sure / max(sure, 1), "auto_recall": right_sure / len(truth),
        "recall": len(found) / len(truth), "seconds": seconds, "mib": usage.ru_maxrss / 1024,
    }

"""Makes book.csv and reference.json: what scikit-learn (and DeLong's formula, written out) say of a fixed table.

Usage: pip install scikit-learn pandas && python3 Tests/Fixtures/calibration/reference.py
"""

import json
import pathlib

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).parent


def table():
    """A made-up book: four numbers that tell something, two that tell nothing, and today's score."""
    dice = np.random.default_rng(2026)
    rows = 400
    x = pd.DataFrame({
        "logins": dice.poisson(20, rows),
        "tickets": dice.poisson(4, rows),
        "seats_pct": np.round(dice.uniform(10, 100, rows), 2),
        "age_days": dice.integers(30, 2000, rows),
        "noise": np.round(dice.normal(0, 3, rows), 4),
        "coin": dice.integers(0, 2, rows),
    })
    log_odds = -0.8 - 0.08 * (x.logins - 20) + 0.35 * (x.tickets - 4) - 0.02 * (x.seats_pct - 55)
    x["churned"] = (dice.uniform(size=rows) < 1 / (1 + np.exp(-log_odds))).astype(int)
    score = 70 + 0.5 * (x.logins - 20) - 2 * (x.tickets - 4) + dice.normal(0, 8, rows)
    x["score"] = np.round(score.clip(1, 99), 1)
    return x


def delong(risk, churned):
    """AUC and its variance, straight from the definition."""
    churns, others = risk[churned == 1], risk[churned == 0]
    wins = (churns[:, None] > others[None, :]) + 0.5 * (churns[:, None] == others[None, :])
    return wins.mean(), wins.mean(axis=1).var(ddof=1) / len(churns) + wins.mean(axis=0).var(ddof=1) / len(others)


def main():
    """Writes both files."""
    data = table()
    data.to_csv(HERE / "book.csv", index=False)
    y = data.pop("churned").to_numpy()
    score = data.pop("score").to_numpy()
    area, variance = delong(-score, y)
    reach = norm.ppf(0.975) * variance**0.5
    free = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10000, solver="newton-cholesky").fit(data, y)
    standardised = StandardScaler().fit_transform(data)
    ridge = LogisticRegression(C=1 / 25.0, tol=1e-12, max_iter=10000, solver="newton-cholesky").fit(standardised, y)
    risk = 1 - score / 100
    (HERE / "reference.json").write_text(json.dumps({
        "auc": roc_auc_score(y, -score), "auc_low": area - reach, "auc_high": area + reach,
        "brier": brier_score_loss(y, risk), "log_loss": log_loss(y, risk),
        "intercept": free.intercept_[0], "coefficients": dict(zip(data.columns, free.coef_[0])),
        "ridge_penalty": 25.0, "ridge_intercept": ridge.intercept_[0], "ridge_coefficients": list(ridge.coef_[0]),
    }, indent=1) + "\n")


if __name__ == "__main__":
    main()

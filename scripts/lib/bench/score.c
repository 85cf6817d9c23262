// Scoring as a plain loop over arrays: the product's arithmetic without its types, texts and rules for signals. The
// bench compares ours with it. Prints accounts per CPU second.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ACCOUNTS = 10000, METRICS = 38, DIMENSIONS = 5, DRIVERS = 3 };

typedef struct {
  double green, yellow, red, weight;
  int lower_is_better, dimension;
} Metric;

static Metric metrics[2][METRICS];
static const double dimension_weights[DIMENSIONS] = {0.30, 0.30, 0.25, 0.15, 1};
static double values[ACCOUNTS][METRICS];
static int segments[ACCOUNTS];

typedef struct {
  double health, quantitative, churn, platform, coverage, low, high, dimension[DIMENSIONS];
  struct { double raw, score, weight, points, lost; } metric[METRICS];
  int drivers[DRIVERS];
} Score;

static double normalised(const Metric *m, double value) {
  double sign = m->lower_is_better ? -1 : 1, v = sign * value, green = sign * m->green, yellow = sign * m->yellow, red = sign * m->red;
  if (v >= green) return 100;
  if (v <= red) return 0;
  return v >= yellow ? 50 + 50 * (v - yellow) / (green - yellow) : 50 * (v - red) / (yellow - red);
}

static double shown(double value) { return round(round(value * 1e9) / 1e9 * 10) / 10; }

static void score(const double *raw, const Metric *set, Score *out) {
  double present[DIMENSIONS] = {0}, sum[DIMENSIONS] = {0}, all = 0, known = 0, low = 0, high = 0;
  for (int i = 0; i < METRICS; i++) {
    const Metric *m = &set[i];
    double global = m->weight * dimension_weights[m->dimension] * (m->dimension == 4 ? 0.4 : 0.6);
    all += global;
    out->metric[i].raw = raw[i];
    out->metric[i].score = NAN;
    if (isnan(raw[i])) {
      high += 100 * global;
      continue;
    }
    double s = out->metric[i].score = normalised(m, raw[i]);
    present[m->dimension] += m->weight;
    sum[m->dimension] += m->weight * s;
    known += global;
    low += global * s;
    high += global * s;
  }
  double churn = 0, churn_weight = 0;
  for (int d = 0; d < DIMENSIONS; d++) {
    out->dimension[d] = present[d] >= 0.3 ? sum[d] / present[d] : NAN;
    if (d < 4 && present[d] >= 0.3) {
      churn += dimension_weights[d] * out->dimension[d];
      churn_weight += dimension_weights[d];
    }
  }
  int has_churn = churn_weight > 0, has_platform = !isnan(out->dimension[4]);
  double churn_share = has_churn ? (has_platform ? 0.6 : 1) : 0, platform_share = has_platform ? 1 - churn_share : 0;
  churn = has_churn ? churn / churn_weight : 0;
  double quantitative = churn_share * churn + platform_share * (has_platform ? out->dimension[4] : 0);
  for (int i = 0; i < DRIVERS; i++) out->drivers[i] = -1;
  for (int i = 0; i < METRICS; i++) {
    const Metric *m = &set[i];
    int d = m->dimension, counts = !isnan(out->metric[i].score) && !isnan(out->dimension[d]);
    double weight = !counts ? 0 : m->weight / present[d] * (d == 4 ? platform_share : churn_share * dimension_weights[d] / churn_weight);
    out->metric[i].weight = weight;
    out->metric[i].points = counts ? weight * out->metric[i].score : 0;
    double lost = out->metric[i].lost = counts ? weight * (100 - out->metric[i].score) : 0;
    for (int k = 0, candidate = i; k < DRIVERS && lost > 0; k++) {
      int other = out->drivers[k];
      if (other < 0 || out->metric[candidate].lost > out->metric[other].lost) {
        out->drivers[k] = candidate;
        candidate = other;
        if (candidate < 0) break;
      }
    }
  }
  out->churn = shown(churn);
  out->platform = shown(out->dimension[4]);
  out->health = out->quantitative = shown(quantitative);
  out->coverage = 100 * known / all;
  out->low = shown(low / all);
  out->high = shown(high / all);
}

static double cpu(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

int main(void) {
  for (int s = 0; s < 2; s++)
    for (int i = 0; i < METRICS; i++) {
      int lower = i % 2;
      metrics[s][i] = (Metric){lower ? 20 : 80, 50, lower ? 80 : 20, 1.0 / 9, lower, i * DIMENSIONS / METRICS};
    }
  srand(1);
  for (int a = 0; a < ACCOUNTS; a++) {
    segments[a] = rand() % 2;
    for (int i = 0; i < METRICS; i++) values[a][i] = rand() % 8 ? 120.0 * rand() / RAND_MAX : NAN;
  }
  static Score results[ACCOUNTS];
  double start = cpu(), total = 0;
  long done = 0;
  do {
    for (int a = 0; a < ACCOUNTS; a++) {
      score(values[a], metrics[segments[a]], &results[a]);
      total += results[a].health;
    }
    done += ACCOUNTS;
  } while (cpu() - start < 1);
  printf("{\"accounts_per_second\": %.0f, \"mean\": %.1f}\n", done / (cpu() - start), total / done);
  return 0;
}

-- Yearly value of the listings that were added in this year's first quarter. @today is the day of the run.
SELECT SUM(yearly_value) AS value
FROM `inventory.listings`
WHERE status = 'active'
  AND EXTRACT(YEAR FROM listed_on) = EXTRACT(YEAR FROM @today)
  AND EXTRACT(QUARTER FROM listed_on) = 1

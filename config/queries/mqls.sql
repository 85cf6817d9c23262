-- Contacts that became a marketing-qualified lead from @first_day to @last_day, where cards.yaml says mql_source: warehouse.
SELECT COUNT(*) AS value
FROM `marketing.qualified_leads`
WHERE qualified_on >= @first_day AND qualified_on <= @last_day

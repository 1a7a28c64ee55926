/** Writes Grafana's dashboards into deploy/grafana/. A test compares them with what this would write. */
import { writeFileSync } from 'node:fs';
import { dashboardFiles } from './dashboards/dashboard-files.ts';

for (const [file, text] of Object.entries(dashboardFiles())) {
  writeFileSync(new URL(`../${file}`, import.meta.url), text);
  console.log(`${file} written`);
}

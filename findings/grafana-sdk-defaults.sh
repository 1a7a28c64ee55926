#!/usr/bin/env bash
set -euo pipefail

# Package   @grafana/grafana-foundation-sdk 0.0.21 (npm), Grafana's own builders for dashboards, and Node.js 20 or newer
# Guess     A builder leaves out what nobody asked for, so that Grafana's own defaults hold; and a panel that does not fit beside the others
#           begins a new line, as it would when one drags it there.
# Seen      A legend's builder says `showLegend: false`, where Grafana shows legends. A link and an annotation get `placement:
#           inControlsMenu`, an optional field with one value, and are moved into a menu. And a panel of 16 columns after one of 16 is put
#           at column 16: it reaches to column 32 of 24, since the line is broken only after a panel that has filled it.
# Matters   The dashboards would come without the names of their series and with their links hidden, and nothing would say so: the
#           JSON is valid. A test here asks for legends and for a place on the page for every panel.
# Date      2026-11-28

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @grafana/grafana-foundation-sdk@0.0.21

cat > try.cjs <<'JS'
const { VizLegendOptionsBuilder } = require('@grafana/grafana-foundation-sdk/common');
const { AnnotationQueryBuilder, DashboardBuilder, DashboardLinkBuilder } = require('@grafana/grafana-foundation-sdk/dashboard');
const { PanelBuilder } = require('@grafana/grafana-foundation-sdk/timeseries');

const panel = () => new PanelBuilder().span(16);
const { panels } = new DashboardBuilder('d').withPanel(panel()).withPanel(panel()).build();
console.log('a legend is shown:', new VizLegendOptionsBuilder().build().showLegend);
console.log('a link is placed:', new DashboardLinkBuilder('l').build().placement);
console.log('an annotation is placed:', new AnnotationQueryBuilder().build().placement);
console.log('two panels of 16 columns begin at:', panels.map(({ gridPos }) => `${gridPos.x},${gridPos.y}`).join(' '));
JS

seen=$(node try.cjs)
expected='a legend is shown: false
a link is placed: inControlsMenu
an annotation is placed: inControlsMenu
two panels of 16 columns begin at: 0,0 16,0'

echo "@grafana/grafana-foundation-sdk 0.0.21, what nobody asked for:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

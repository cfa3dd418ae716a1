'use strict';
// Hands the page's chart data to Chart.js. Names come from files: they go to canvas text only, never into markup.
(() => {
  const COLOURS = ['#1663c7', '#e07b00', '#2c8a57', '#8b4fbf', '#c23b57', '#5b6675', '#00838f', '#8d6e00'];
  const colour = (i) => COLOURS[i % COLOURS.length];
  const figure = (value) => {
    const size = Math.abs(value);
    if (size >= 1e6) return +(value / 1e6).toPrecision(3) + ' M';
    if (size >= 1e5) return +(value / 1e3).toPrecision(3) + ' k';
    if (size >= 1e3) return Math.round(value).toLocaleString('en');
    return String(+value.toPrecision(3));
  };
  const said = (point, unit) =>
    `${figure(point.median)} ${unit} (${figure(point.min)}–${figure(point.max)})`;
  const medians = (series) => series.points.map((point) => point && point.median);

  // The range of each bar is a thin floating bar on the same stack; only the axis of places may stack.
  const bars = (chart) => ({
    type: 'bar',
    data: {
      labels: chart.labels,
      datasets: chart.series.flatMap((series, i) => [
        { label: series.name, stack: series.name, data: series.points.map((point) => point && [point.min, point.max]),
          barPercentage: 0.16, backgroundColor: '#1c2430', range: true },
        { label: series.name, stack: series.name, data: medians(series), backgroundColor: colour(i), points: series.points },
      ]),
    },
    options: options(chart, {
      indexAxis: 'y',
      scales: { x: valueAxis(chart, { beginAtZero: true, stacked: false }), y: { stacked: true, grid: { display: false } } },
    }),
  });

  const percentiles = (chart) => ({
    type: 'line',
    data: {
      labels: chart.labels,
      datasets: chart.series.flatMap((series, i) => [
        { label: series.name, data: series.points.map((point) => point && point.min), range: true,
          borderWidth: 0, pointRadius: 0 },
        { label: series.name, data: series.points.map((point) => point && point.max), range: true,
          borderWidth: 0, pointRadius: 0, fill: '-1', backgroundColor: colour(i) + '2e' },
        { label: series.name, data: medians(series), points: series.points,
          borderColor: colour(i), backgroundColor: colour(i), borderWidth: 2, pointRadius: 3 },
      ]),
    },
    options: options(chart, { scales: { y: valueAxis(chart, { type: 'logarithmic' }) } }),
  });

  const history = (chart) => ({
    type: 'line',
    data: {
      labels: chart.labels,
      datasets: chart.series.flatMap((series, i) => [
        { label: series.name, data: series.points.map((point) => point && point.min), range: true,
          borderWidth: 0, pointRadius: 0, spanGaps: true },
        { label: series.name, data: series.points.map((point) => point && point.max), range: true,
          borderWidth: 0, pointRadius: 0, fill: '-1', backgroundColor: colour(i) + '1f', spanGaps: true },
        { label: series.name, data: medians(series), points: series.points, spanGaps: true,
          borderColor: colour(i), backgroundColor: colour(i), borderWidth: 2, pointRadius: 4,
          borderDash: i < COLOURS.length ? [] : [6, 4] },
      ]),
    },
    options: options(chart, { scales: { y: valueAxis(chart, { beginAtZero: true }) } }),
  });

  const valueAxis = (chart, more) => ({
    title: { display: true, text: chart.unit }, ticks: { callback: figure, maxTicksLimit: 8 }, ...more,
  });

  const options = (chart, more) => ({
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: 'index', intersect: false, axis: more.indexAxis || 'x' },
    plugins: {
      legend: {
        labels: { filter: (item, data) => !data.datasets[item.datasetIndex].range, boxWidth: 12 },
        // A series is its figures and their range.
        onClick: (event, item, legend) => {
          const shown = legend.chart.isDatasetVisible(item.datasetIndex);
          legend.chart.data.datasets.forEach((dataset, i) => {
            if (dataset.label === item.text) legend.chart.setDatasetVisibility(i, !shown);
          });
          legend.chart.update();
        },
      },
      tooltip: {
        filter: (item) => !item.dataset.range,
        callbacks: { label: (item) => `${item.dataset.label}: ${said(item.dataset.points[item.dataIndex], chart.unit)}` },
      },
    },
    ...more,
  });

  const FORMS = { BARS: bars, PERCENTILES: percentiles, HISTORY: history };
  const charts = JSON.parse(document.getElementById('charts').textContent);
  for (const figureElement of document.querySelectorAll('figure[data-chart]')) {
    const chart = charts[Number(figureElement.dataset.chart)];
    const box = figureElement.querySelector('.canvas');
    const rows = chart.kind === 'BARS' ? chart.labels.length * (chart.series.length * 18 + 12) + 90 : 320;
    box.style.height = `${Math.max(170, rows)}px`;
    new Chart(box.firstElementChild, FORMS[chart.kind](chart));
  }
})();

extension ReportPage {
  /// The style sheet inside of the page. Lengths are of paper: `ReportPageLimits` counts lines of 4.6 mm. Readable in
  /// black and white: the sign of the gap has a shape.
  package static let style = """
    @page { size: A4 portrait; margin: 10mm; }
    :root { color-scheme: light; }
    * { box-sizing: border-box; margin: 0; padding: 0; }
    html { background: #e9ecee; }
    body { font: 8.5pt/4.6mm system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif; color: #1c2226; \
    font-variant-numeric: tabular-nums; }
    main { width: 190mm; max-width: 100%; margin: 0 auto; padding: 4mm; background: #fff; }
    header, h1, h2, p, footer, th, td { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
    h1 { font-size: 15pt; line-height: 8mm; }
    h2 { font-size: 9pt; line-height: 6mm; font-weight: 600; }
    .quiet, footer, th, dt { color: #55616a; font-weight: 400; }
    .figures { margin: 2mm 0 3mm; border-top: 0.3mm solid #1c2226; border-bottom: 0.3mm solid #1c2226; padding: 1.5mm 0; }
    .headline { font-size: 18pt; line-height: 9mm; font-weight: 600; }
    .behind { color: #b3261e; }
    dl { display: flex; gap: 6mm; height: 10mm; overflow: hidden; }
    dd { font-size: 11pt; line-height: 5mm; }
    section { margin-bottom: 3mm; }
    table { width: 100%; border-collapse: collapse; table-layout: fixed; }
    tr { height: 4.6mm; }
    th, td { height: 4.6mm; line-height: 4.4mm; padding: 0 1mm 0 0; text-align: left; border-bottom: 0.1mm solid #d3d9dd; }
    .n { text-align: right; width: 15mm; padding-right: 2mm; }
    .t { width: 22mm; }
    .s { width: 24mm; }
    .b { width: 34mm; }
    .stops .n { width: 11mm; }
    svg { display: block; width: 32mm; height: 3mm; }
    rect { fill: #47657f; }
    path { stroke: #1c2226; stroke-width: 2; }
    .columns { display: grid; grid-template-columns: minmax(0, 11fr) minmax(0, 9fr); gap: 6mm; }
    @media screen and (max-width: 640px) {
      .columns { display: block; }
      dl { flex-wrap: wrap; height: auto; gap: 2mm 6mm; }
      header, h1, p { white-space: normal; }
      .b { display: none; }
    }
    @media print {
      html { background: none; }
      main { width: 190mm; padding: 0; }
      section, tr { break-inside: avoid; }
    }
    """
}

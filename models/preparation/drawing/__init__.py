"""Pages and drawings of reports: plain HTML and inline SVG, with no script and nothing fetched."""

"""Pages, plots and tables that a person looks at: one self-contained HTML file each."""

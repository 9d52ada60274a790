package activities

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/results"
)

// Report writes a run's documents.
type Report struct {
	Store *results.Store
}

// ReportInput says which run is to be reported where.
type ReportInput struct {
	Run string `json:"run"`
	Dir string `json:"dir"`
}

// Files are the documents of a run, as absolute paths.
type Files struct {
	HTML  string `json:"html"`
	JUnit string `json:"junit"`
	JSON  string `json:"json"`
	Text  string `json:"text"`
}

// WriteReport writes the documents, replacing former ones.
func (p *Report) WriteReport(ctx context.Context, in ReportInput) (*Files, error) {
	run, err := p.Store.Run(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	files := &Files{
		HTML: filepath.Join(in.Dir, "report.html"), JUnit: filepath.Join(in.Dir, "junit.xml"),
		JSON: filepath.Join(in.Dir, "run.json"), Text: filepath.Join(in.Dir, "report.txt"),
	}
	for _, document := range []struct {
		file  string
		write func(io.Writer) error
	}{
		{files.JSON, func(w io.Writer) error { return report.JSON(w, run) }},
		{files.JUnit, func(w io.Writer) error { return report.JUnit(w, run) }},
		{files.Text, func(w io.Writer) error { return report.Text(w, run, report.Options{}) }},
		{files.HTML, func(w io.Writer) error { return report.HTML(w, run, report.Options{}) }},
	} {
		var text bytes.Buffer
		if err := document.write(&text); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(document.file), err)
		}
		if err := writeFile(document.file, text.String()); err != nil {
			return nil, err
		}
	}
	return files, nil
}

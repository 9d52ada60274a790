package report

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
)

// A frame is a page that needs nothing else, with its chapters one below the
// other behind a list of contents.
type frame struct {
	Title      string
	Class      string // of the body, for the style sheet; none for a run's report
	Head, Foot template.HTML
	Sections   []section
}

// A section is one chapter of a frame as it is shown.
type section struct {
	ID, Title string
	Body      template.HTML
}

// A chapter is what a section is made from.
type chapter struct {
	id, title, template string
	data                any
	empty               bool // nothing to say: left out
}

// writeFrame fills a frame with chapters. Head and foot are templates for data.
func writeFrame(w io.Writer, d frame, head, foot string, data any, chapters []chapter) (err error) {
	if d.Head, err = filled(head, data); err != nil {
		return err
	}
	if d.Foot, err = filled(foot, data); err != nil {
		return err
	}
	for _, c := range chapters {
		if c.empty {
			continue
		}
		body, err := filled(c.template, c.data)
		if err != nil {
			return err
		}
		d.Sections = append(d.Sections, section{ID: c.id, Title: c.title, Body: body})
	}
	return templates.ExecuteTemplate(w, "frame.html", d)
}

// filled is a template's text, which the template has escaped.
func filled(name string, data any) (template.HTML, error) {
	var text bytes.Buffer
	if err := templates.ExecuteTemplate(&text, name, data); err != nil {
		return "", fmt.Errorf("report: %s: %w", name, err)
	}
	return template.HTML(text.String()), nil
}

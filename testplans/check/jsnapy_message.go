package check

import (
	"regexp"
	"strconv"
)

// placeholder is what JSNAPy replaces in the messages of tests:
// {{post['peer-state']}}, {{pre["peer-state"]}}, {{id_0}}.
var placeholder = regexp.MustCompile(`\{\{\s*(?:(pre|post)\s*\[\s*(?:"([^"]*)"|'([^']*)')\s*\]|id_([0-9]{1,3}))\s*\}\}`)

// said adds the author's message, if there is one, to what was seen. Either row
// may be nil.
func said(seen, message string, then, now *selectedRow) string {
	if message == "" {
		return seen
	}
	return seen + ": " + shown(render(message, then, now))
}

// render replaces what stands for values in a message. What it cannot know it
// leaves as it is: a message decides nothing.
func render(message string, then, now *selectedRow) string {
	return placeholder.ReplaceAllStringFunc(message, func(text string) string {
		m := placeholder.FindStringSubmatch(text)
		if m[4] != "" {
			return idValue(m[4], text, then, now)
		}
		row := now
		if m[1] == "pre" {
			row = then
		}
		if row == nil {
			return "nothing"
		}
		values, err := row.values(m[2] + m[3])
		if err != nil {
			return text
		}
		return some(values)
	})
}

func idValue(number, text string, then, now *selectedRow) string {
	row := now
	if row == nil {
		row = then
	}
	i, err := strconv.Atoi(number)
	if row == nil || err != nil || i >= len(row.ids) {
		return text
	}
	return row.ids[i]
}

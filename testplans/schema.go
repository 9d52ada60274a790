package testplans

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Schema returns the JSON Schema (draft 2020-12) of plan files. It follows
// from the same table that Load reads plans by. It describes form; whether
// nodes, streams and requirements exist is for Load to say.
func Schema() []byte {
	w := &schemaWriter{defs: map[string]any{
		"placeholder": map[string]any{"type": "string", "pattern": `\{` + placeholder + `\}`,
			"description": "A value of the case's matrix, or {round} in a repeat."},
	}}
	return w.document(planShape, "ccl test plan")
}

// EngagementSchema is Schema for engagement files. Whether the files that one
// names exist is for LoadEngagement to say.
func EngagementSchema() []byte {
	w := &schemaWriter{defs: map[string]any{}, plain: true}
	return w.document(engagementShape, "ccl engagement")
}

// document is the schema of files of a shape.
func (w *schemaWriter) document(s *shape, title string) []byte {
	s.schema(w)
	root := w.defs[s.name].(map[string]any)
	delete(w.defs, s.name)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = title
	root["$defs"] = w.defs
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // "< 200ms" is to be read by people
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		panic("testplans: the schema is plain data: " + err.Error())
	}
	return out.Bytes()
}

// A schemaWriter collects the definitions of shapes, each once.
type schemaWriter struct {
	defs map[string]any
	// plain says that there is no matrix whose values could stand anywhere.
	plain bool
}

// scalar allows a matrix value in place of whatever is not plain text anyway.
func (w *schemaWriter) scalar(s map[string]any) map[string]any {
	if t, ok := s["type"].(string); w.plain || ok && t == "string" && s["pattern"] == nil {
		return s
	}
	if t, ok := s["type"].([]string); ok && slices.Contains(t, "string") {
		return s
	}
	return map[string]any{"anyOf": []any{s, map[string]any{"$ref": "#/$defs/placeholder"}}}
}

func (s *shape) schema(w *schemaWriter) map[string]any {
	if w.defs[s.name] == nil {
		w.defs[s.name] = map[string]any{} // taken, should a shape contain itself
		w.defs[s.name] = s.definition(w)
	}
	return map[string]any{"$ref": "#/$defs/" + s.name}
}

func (s *shape) definition(w *schemaWriter) map[string]any {
	properties := map[string]any{}
	dependent := map[string]any{}
	var required []string
	for _, f := range s.fields {
		property := map[string]any{"description": f.doc}
		for key, v := range f.is.schema(w) {
			property[key] = v
		}
		properties[f.key] = property
		if f.required {
			required = append(required, f.key)
		}
		if len(f.with) > 0 {
			dependent[f.key] = map[string]any{"anyOf": requiring(f.with)}
		}
	}
	def := map[string]any{"type": "object", "description": s.doc, "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		def["required"] = required
	}
	if len(dependent) > 0 {
		def["dependentSchemas"] = dependent
	}
	var all []any
	for _, c := range s.choose {
		all = append(all, c.schema())
	}
	if len(all) > 0 {
		def["allOf"] = all
	}
	return def
}

func (c choice) schema() map[string]any {
	each := requiring(c.keys)
	if c.any {
		return map[string]any{"anyOf": each}
	}
	if c.optional {
		each = append(each, map[string]any{"not": map[string]any{"anyOf": requiring(c.keys)}})
	}
	return map[string]any{"oneOf": each}
}

func requiring(keys []string) []any {
	each := make([]any, len(keys))
	for i, key := range keys {
		each[i] = map[string]any{"required": []string{key}}
	}
	return each
}

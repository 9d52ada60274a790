package server

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/ccl-lab/ccl/workflows"
)

// The Web UI keeps its columns and saved views in the browser, by namespace,
// under these keys of the local storage.
const (
	columnsKey = "namespace-workflow-table-columns"
	viewsKey   = "saved-workflow-queries"
)

type column struct {
	Label string `json:"label"`
}

type view struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Query string `json:"query"`
	Type  string `json:"type"`
}

// startScript gives a browser our columns, and the views that it lacks, and
// goes to the list of workflows. What the reader has arranged since stays.
const startScript = `
const put = (key, ours, merge) => {
  let all = {};
  try { all = JSON.parse(localStorage.getItem(key)) || {}; } catch { /* not ours to read: begin anew */ }
  all[s.namespace] = merge(all[s.namespace], ours);
  localStorage.setItem(key, JSON.stringify(all));
};
put(s.columnsKey, s.columns, (theirs, ours) => theirs?.some(c => c.label.startsWith("Ccl")) ? theirs : ours);
put(s.viewsKey, s.views, (theirs, ours) => [...(theirs || []), ...ours.filter(v => !theirs?.some(t => t.id === v.id))]);
location.replace(s.list);
`

// startPage is where customers begin.
func startPage(namespace string) http.HandlerFunc {
	page, script := startHTML(namespace)
	hash := sha256.Sum256([]byte(script))
	policy := fmt.Sprintf("default-src 'none'; script-src 'sha256-%s'", base64.StdEncoding.EncodeToString(hash[:]))
	return func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-store")
		fmt.Fprint(w, page)
	}
}

func startHTML(namespace string) (page, script string) {
	var columns []column
	for _, label := range workflows.CustomerColumns() {
		columns = append(columns, column{label})
	}
	var views []view
	for i, v := range workflows.CustomerViews() {
		views = append(views, view{ID: fmt.Sprintf("ccl-%d", i+1), Name: v.Name, Query: v.Query, Type: "user"})
	}
	list := "/namespaces/" + url.PathEscape(namespace) + "/workflows?query=" + url.QueryEscape(views[0].Query)
	// Marshal escapes what could end the script.
	settings, err := json.Marshal(map[string]any{
		"namespace": namespace, "list": list,
		"columnsKey": columnsKey, "columns": columns, "viewsKey": viewsKey, "views": views,
	})
	if err != nil {
		panic(err) // strings only
	}
	script = "const s = " + string(settings) + ";" + startScript
	page = "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>ccl</title>\n" +
		"<p>The list of runs opens.</p>\n<noscript><p>It needs JavaScript.</p></noscript>\n<script>" + script + "</script>\n</html>\n"
	return page, script
}

package check

import (
	"fmt"
	"strings"

	"github.com/antchfx/xmlquery"
	"github.com/antchfx/xpath"
)

// rows are what is compared between a snapshot and now, in their order.
type rows struct {
	keys []string
	at   map[string]*xmlquery.Node // nil for lines of text
	said string                    // what the device answered in place of rows: "BGP is not running"
}

func (r *rows) add(key string, n *xmlquery.Node) {
	if r.at == nil {
		r.at = map[string]*xmlquery.Node{}
	}
	r.keys, r.at[key] = append(r.keys, key), n
}

// addEqual adds a row that may be there already: of equal ones the second is
// another row than the first.
func (r *rows) addEqual(text string, n *xmlquery.Node) {
	key := text
	for i := 2; ; i++ {
		if _, there := r.at[key]; !there {
			r.add(key, n)
			return
		}
		key = fmt.Sprintf("%s (%d)", text, i)
	}
}

// rows reads the rows that XPath selects in a reply.
func (s *Since) rows(reply string) (rows, error) {
	var r rows
	doc, err := parseReply(reply)
	if err != nil {
		return r, err
	}
	selected, err := elements(doc, s.XPath)
	if err != nil {
		return r, err
	}
	if refused := child(doc, "//rpc-error/error-message"); refused != "" && len(selected) == 0 {
		return r, fmt.Errorf("the device refused to answer: %s", refused)
	}
	r.said = child(doc, "/output")
	for _, n := range selected {
		if len(s.ID) == 0 {
			r.addEqual(excerpt(n.InnerText()), n)
			continue
		}
		key, err := s.key(n)
		if err != nil {
			return r, err
		}
		if _, there := r.at[key]; there {
			return r, fmt.Errorf("two rows have the id %s; id lacks what tells them apart", key)
		}
		r.add(key, n)
	}
	return r, nil
}

// key is what tells a row from others: the values at the paths of ID.
func (s *Since) key(row *xmlquery.Node) (string, error) {
	var parts []string
	for _, path := range s.ID {
		values, err := evaluate(row, path)
		if err != nil {
			return "", err
		}
		if len(values) == 0 {
			return "", fmt.Errorf("a row has no %s to know it by: %s", path, excerpt(row.InnerText()))
		}
		parts = append(parts, strings.Join(values, ", "))
	}
	return strings.Join(parts, " "), nil
}

// elements applies an author's XPath that must select elements, not make a
// number or text of them.
func elements(n *xmlquery.Node, path string) (found []*xmlquery.Node, err error) {
	expr, err := compileXPath(path)
	if err != nil {
		return nil, err
	}
	defer func() { // the library panics on some functions applied to nothing
		if p := recover(); p != nil {
			found, err = nil, fmt.Errorf("the XPath cannot be applied to the reply: %v", p)
		}
	}()
	if _, ok := expr.Evaluate(xmlquery.CreateXPathNavigator(n)).(*xpath.NodeIterator); !ok {
		return nil, fmt.Errorf("the XPath %s does not select elements", path)
	}
	return xmlquery.QuerySelectorAll(n, expr), nil
}

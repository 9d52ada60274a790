package workflows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// The report reads what the engagement writes, by names that are written down
// on both sides: each field of the reader must find its own.
func TestReportReadsTheWholeEngagement(t *testing.T) {
	var status EngagementStatus
	fill(reflect.ValueOf(&status).Elem())
	data, err := json.Marshal(status)
	if err != nil {
		t.Fatal(err)
	}
	e, err := report.ReadEngagement(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range empty("engagement", reflect.ValueOf(e).Elem()) {
		t.Errorf("%s is not filled from what an engagement writes", field)
	}
	var page bytes.Buffer
	if err := report.EngagementHTML(&page, e, report.EngagementOptions{}); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("Cases used of %d<", scope.MaxCases); !strings.Contains(page.String(), want) {
		t.Errorf("the report does not know the cap: it lacks %q", want)
	}
}

var timeType = reflect.TypeFor[time.Time]()

// fill gives every field a value: lists have two elements, pointers something
// to point to.
func fill(v reflect.Value) {
	switch {
	case v.Type() == timeType:
		v.Set(reflect.ValueOf(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)))
		return
	case !v.CanSet():
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.String:
		v.SetString("word")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	}
}

// empty lists the fields without a value.
func empty(at string, v reflect.Value) []string {
	if v.Type() != timeType {
		var all []string
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				all = append(all, empty(at+"."+v.Type().Field(i).Name, v.Field(i))...)
			}
			return all
		case reflect.Pointer, reflect.Slice:
			if v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
				return []string{at}
			}
			if v.Kind() == reflect.Slice {
				return empty(at+"[0]", v.Index(0))
			}
			return empty(at, v.Elem())
		}
	}
	if v.IsZero() {
		return []string{at}
	}
	return nil
}

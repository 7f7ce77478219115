// Predicts on an image file from four goroutines that share one model: predict MODEL IMAGE [KEY=VALUE ...]
package main

/*
#cgo LDFLAGS: -lyolovino_c
#include <stdlib.h>
#include "yolovino/c/yolovino.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"unsafe"
)

// Object is one thing that was found, with its corners in pixels of the image.
type Object struct {
	Name string
	Conf float32
	XYXY [4]float32
}

// Model is safe for any number of goroutines.
type Model struct{ handle *C.yv_model }

func failure(status C.yv_status, err *C.yv_error) error {
	if status == C.YV_OK {
		return nil
	}
	defer C.yv_error_free(err)
	return errors.New(C.GoString(C.yv_status_name(status)) + ": " + C.GoString(C.yv_error_message(err)))
}

// Open reads a checkpoint or an export. Close frees it.
func Open(path string) (*Model, error) {
	text := C.CString(path)
	defer C.free(unsafe.Pointer(text))
	model := &Model{}
	var err *C.yv_error
	status := C.yv_model_open(text, nil, 0, &model.handle, &err)
	return model, failure(status, err)
}

// Close ends the model.
func (model *Model) Close() { C.yv_model_free(model.handle) }

// Predict finds the objects of an encoded image. Options are KEY=VALUE.
func (model *Model) Predict(image []byte, options []string) ([]Object, error) {
	if len(image) == 0 {
		return nil, errors.New("InvalidArgument: the image is empty")
	}
	pairs := make([]C.yv_option, len(options)+1)
	for i, each := range options {
		key, value, _ := strings.Cut(each, "=")
		pairs[i] = C.yv_option{key: C.CString(key), value: C.CString(value)}
		defer C.free(unsafe.Pointer(pairs[i].key))
		defer C.free(unsafe.Pointer(pairs[i].value))
	}
	var result *C.yv_result
	var err *C.yv_error
	status := C.yv_predict_encoded(model.handle, unsafe.Pointer(&image[0]), C.size_t(len(image)), &pairs[0],
		C.size_t(len(options)), &result, &err)
	if status != C.YV_OK {
		return nil, failure(status, err)
	}
	defer C.yv_result_free(result)
	count := int(C.yv_result_count(result))
	numbers := unsafe.Slice((*float32)(C.yv_result_boxes(result)), 6*count)
	objects := make([]Object, count)
	for i := range objects {
		row := numbers[6*i : 6*i+6]
		name := C.GoString(C.yv_result_class_name(result, C.size_t(row[5])))
		objects[i] = Object{name, row[4], [4]float32{row[0], row[1], row[2], row[3]}}
	}
	return objects, nil
}

func run(modelPath, imagePath string, options []string) error {
	image, err := os.ReadFile(imagePath)
	if err != nil {
		return err
	}
	model, err := Open(modelPath)
	if err != nil {
		return err
	}
	defer model.Close()
	var wait sync.WaitGroup
	counts := make([]int, 4)
	for i := range counts {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			objects, _ := model.Predict(image, options)
			counts[i] = len(objects)
		}(i)
	}
	wait.Wait()
	objects, err := model.Predict(image, options)
	if err != nil {
		return err
	}
	for _, each := range objects {
		fmt.Printf("%s %.2f at %.0f,%.0f to %.0f,%.0f\n", each.Name, each.Conf, each.XYXY[0], each.XYXY[1],
			each.XYXY[2], each.XYXY[3])
	}
	fmt.Printf("%v objects in each goroutine, yolovino %s\n", counts, C.GoString(C.yv_version()))
	return nil
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: predict MODEL IMAGE [KEY=VALUE ...]")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

//! The part of the C interface that this example uses, and a safe layer over it.
use std::ffi::{c_char, c_void, CStr, CString};
use std::fmt;
use std::ptr::{null, null_mut, NonNull};

#[repr(C)]
struct COption {
    key: *const c_char,
    value: *const c_char,
}
#[repr(C)]
struct CModel([u8; 0]);
#[repr(C)]
struct CResult([u8; 0]);
#[repr(C)]
struct CError([u8; 0]);

extern "C" {
    fn yv_version() -> *const c_char;
    fn yv_status_name(status: i32) -> *const c_char;
    fn yv_error_message(error: *const CError) -> *const c_char;
    fn yv_error_free(error: *mut CError);
    fn yv_model_open(path: *const c_char, options: *const COption, count: usize, model: *mut *mut CModel,
                     error: *mut *mut CError) -> i32;
    fn yv_model_free(model: *mut CModel);
    fn yv_predict_encoded(model: *mut CModel, bytes: *const c_void, byte_count: usize, options: *const COption,
                          count: usize, result: *mut *mut CResult, error: *mut *mut CError) -> i32;
    fn yv_result_count(result: *const CResult) -> usize;
    fn yv_result_boxes(result: *const CResult) -> *const f32;
    fn yv_result_class_name(result: *const CResult, cls: usize) -> *const c_char;
    fn yv_result_free(result: *mut CResult);
}

/// Why a call failed.
#[derive(Debug)]
pub struct Error {
    pub name: String,
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}
impl std::error::Error for Error {}

/// Text that is never NULL.
unsafe fn text(pointer: *const c_char) -> String {
    CStr::from_ptr(pointer).to_string_lossy().into_owned()
}

fn check(status: i32, error: *mut CError) -> Result<(), Error> {
    if status == 0 {
        return Ok(());
    }
    unsafe {
        let failed = Error { name: text(yv_status_name(status)), message: text(yv_error_message(error)) };
        yv_error_free(error);
        Err(failed)
    }
}

pub fn version() -> String {
    unsafe { text(yv_version()) }
}

/// Options in the form of C; the text lives as long as this.
struct Options {
    _text: Vec<(CString, CString)>,
    pairs: Vec<COption>,
}

impl Options {
    fn new(options: &[(&str, &str)]) -> Result<Self, Error> {
        let wrong = |_| Error { name: "InvalidArgument".into(), message: "an option contains a zero byte".into() };
        let text = options
            .iter()
            .map(|(key, value)| Ok((CString::new(*key).map_err(wrong)?, CString::new(*value).map_err(wrong)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        let pairs = text.iter().map(|(key, value)| COption { key: key.as_ptr(), value: value.as_ptr() }).collect();
        Ok(Self { _text: text, pairs })
    }
}

/// A model, which any number of threads may use.
pub struct Model(NonNull<CModel>);

unsafe impl Send for Model {}
unsafe impl Sync for Model {}

impl Model {
    pub fn open(path: &str) -> Result<Self, Error> {
        let wrong = |_| Error { name: "InvalidArgument".into(), message: "the path contains a zero byte".into() };
        let path = CString::new(path).map_err(wrong)?;
        let (mut model, mut error) = (null_mut(), null_mut());
        check(unsafe { yv_model_open(path.as_ptr(), null(), 0, &mut model, &mut error) }, error)?;
        Ok(Self(NonNull::new(model).expect("a model after success")))
    }

    pub fn predict(&self, image: &[u8], options: &[(&str, &str)]) -> Result<Found, Error> {
        let options = Options::new(options)?;
        let (mut result, mut error) = (null_mut(), null_mut());
        let status = unsafe {
            yv_predict_encoded(self.0.as_ptr(), image.as_ptr().cast(), image.len(), options.pairs.as_ptr(),
                               options.pairs.len(), &mut result, &mut error)
        };
        check(status, error)?;
        Ok(Found(NonNull::new(result).expect("a result after success")))
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        unsafe { yv_model_free(self.0.as_ptr()) }
    }
}

/// What was found in one image.
pub struct Found(NonNull<CResult>);

pub struct Object<'a> {
    pub name: &'a str,
    pub conf: f32,
    pub xyxy: [f32; 4],
}

impl Found {
    pub fn objects(&self) -> Vec<Object<'_>> {
        let result = self.0.as_ptr();
        let count = unsafe { yv_result_count(result) };
        let numbers = match count {
            0 => &[],
            _ => unsafe { std::slice::from_raw_parts(yv_result_boxes(result), 6 * count) },
        };
        let name = |cls: f32| unsafe {
            let pointer = yv_result_class_name(result, cls as usize);
            if pointer.is_null() { "" } else { CStr::from_ptr(pointer).to_str().unwrap_or("") }
        };
        numbers
            .chunks_exact(6)
            .map(|row| Object { name: name(row[5]), conf: row[4], xyxy: [row[0], row[1], row[2], row[3]] })
            .collect()
    }
}

impl Drop for Found {
    fn drop(&mut self) {
        unsafe { yv_result_free(self.0.as_ptr()) }
    }
}

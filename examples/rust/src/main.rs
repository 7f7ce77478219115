//! Predicts on an image file from four threads that share one model: `predict MODEL IMAGE [KEY=VALUE ...]`.
mod yolovino;

use yolovino::Model;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, image, options @ ..] = arguments.as_slice() else {
        return Err("usage: predict MODEL IMAGE [KEY=VALUE ...]".into());
    };
    let options: Vec<(&str, &str)> =
        options.iter().map(|each| each.split_once('=').ok_or(format!("'{each}' is no KEY=VALUE"))).collect::<Result<_, _>>()?;
    let bytes = std::fs::read(image)?;
    let model = Model::open(model)?;
    let counts = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| model.predict(&bytes, &options).map(|found| found.objects().len())))
            .collect();
        threads.into_iter().map(|each| each.join().expect("a thread")).collect::<Result<Vec<_>, _>>()
    })?;
    let found = model.predict(&bytes, &options)?;
    for object in found.objects() {
        let [x1, y1, x2, y2] = object.xyxy;
        println!("{} {:.2} at {:.0},{:.0} to {:.0},{:.0}", object.name, object.conf, x1, y1, x2, y2);
    }
    println!("{counts:?} objects in each thread, yolovino {}", yolovino::version());
    Ok(())
}

#!/usr/bin/env python3
"""Writes the small images of this folder: `make_images.py FOLDER`.

Neither the build nor a test runs this. Needs pillow, pillow-heif, tifffile, imagecodecs, numpy (pip) and the programs
cjpeg, avifenc, heif-enc (Debian: libjpeg-turbo-progs, libavif-bin, libheif-examples). `record_pixels.py` then records
what the reference makes of them. The versions that were used stand in README.md.
"""
import io
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pillow_heif
import tifffile
from PIL import Image

OUT = Path(sys.argv[1])
HEIGHT, WIDTH = 10, 14


def photo(height=HEIGHT, width=WIDTH):
    """Smooth colours with a mark in one corner, so that no turn, channel order, or shift leaves it as it is."""
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([40 + x * 200 // width, 220 - y * 180 // height, (x * 5 + y * 9) % 256], axis=2).astype(np.uint8)
    rgb[: height // 3, : width // 4] = (250, 30, 20)
    return rgb


def gray(height=HEIGHT, width=WIDTH):
    return photo(height, width)[:, :, 1].copy()


def alpha(height=HEIGHT, width=WIDTH):
    y, x = np.mgrid[0:height, 0:width]
    return ((x * 13 + y * 7) % 256).astype(np.uint8)


def rgba(height=HEIGHT, width=WIDTH):
    return np.dstack([photo(height, width), alpha(height, width)])


def put(name, data):
    (OUT / name).write_bytes(data)


def saved(image, kind, **options):
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def run(*command):
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# --- EXIF ------------------------------------------------------------------------------------------------------------

BYTE, ASCII, SHORT, LONG, SSHORT, SLONG = 1, 2, 3, 4, 8, 9
WIDTH_OF = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, SSHORT: 2, SLONG: 4}


def exif(value, order="<", kind=SHORT, count=1, before=()):
    """A TIFF structure whose first directory holds the orientation, after the entries `before`."""
    code = {1: "B", 2: "H", 4: "I"}[WIDTH_OF[kind]]
    field = struct.pack(order + code, value)
    entries = list(before) + [(0x0112, kind, count, field.ljust(4, b"\0"))]
    body = struct.pack(order + "H", len(entries))
    for tag, entry_kind, entry_count, entry_field in entries:
        body += struct.pack(order + "HHI", tag, entry_kind, entry_count) + entry_field
    return (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8) + body + struct.pack(order + "I", 0)


# name of a variant, its block
ODD_TAGS = {
    "long_le": exif(6, "<", LONG),
    "long_be": exif(6, ">", LONG),
    "byte_le": exif(6, "<", BYTE),
    "byte_be": exif(6, ">", BYTE),
    "ascii_le": exif(6, "<", ASCII),
    "sshort_le": exif(6, "<", SSHORT),
    "sshort_be": exif(6, ">", SSHORT),
    "slong_le": exif(6, "<", SLONG),
    "slong_be": exif(6, ">", SLONG),
    "count0_le": exif(6, "<", SHORT, 0),
    "count2_le": exif(6, "<", SHORT, 2),
    "count3_le": exif(6, "<", SHORT, 3),
    "count2_long_le": exif(6, "<", LONG, 2),
    "value0": exif(0),
    "value9": exif(9),
    "value_65542_long": exif(65542, "<", LONG),
    "after_others": exif(6, ">", SHORT, 1, [(0x0100, SHORT, 1, b"\0\5\0\0"), (0x0110, ASCII, 4, b"cam\0")]),
    "twice": exif(3, "<", SHORT, 1, [(0x0112, SHORT, 1, b"\6\0\0\0")]),
    "cut": exif(6)[:20],
}


def app1(payload):
    return b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload


def jpeg_exif(block, prefix=b"Exif\0\0"):
    return app1(prefix + block)


def with_segments(jpeg, *segments):
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def png_chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def with_chunk(png, chunk, before=b"IDAT"):
    at = png.index(before) - 4
    return png[:at] + chunk + png[at:]


def riff(*chunks):
    body = b"WEBP" + b"".join(name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
                              for name, content in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_chunks(webp):
    at, found = 12, []
    while at < len(webp):
        size = struct.unpack_from("<I", webp, at + 4)[0]
        found.append((webp[at:at + 4], webp[at + 8:at + 8 + size]))
        at += 8 + size + size % 2
    return found


def vp8x(height, width, flags):
    return b"VP8X", struct.pack("<I", flags) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]


def webp_exif(webp, block, height=HEIGHT, width=WIDTH, flag=True):
    chunks = [chunk for chunk in webp_chunks(webp) if chunk[0] != b"VP8X"]
    return riff(vp8x(height, width, 8 if flag else 0), *chunks, (b"EXIF", block))


def make_orientations():
    jpeg = saved(photo(), "JPEG", quality=90)
    png = saved(photo(), "PNG")
    webp = saved(photo(), "WEBP", lossless=True)
    for value in range(1, 9):
        for order, name in (("<", "le"), (">", "be")):
            block = exif(value, order)
            put(f"jpeg_exif{value}_{name}.jpg", with_segments(jpeg, jpeg_exif(block)))
            put(f"png_exif{value}_{name}.png", with_chunk(png, png_chunk(b"eXIf", block)))
            put(f"webp_exif{value}_{name}.webp", webp_exif(webp, block))
    for name, block in ODD_TAGS.items():
        put(f"jpeg_exif_{name}.jpg", with_segments(jpeg, jpeg_exif(block)))
    for name in ("long_le", "long_be", "byte_le", "value9", "count2_le", "cut"):
        put(f"png_exif_{name}.png", with_chunk(png, png_chunk(b"eXIf", ODD_TAGS[name])))
        put(f"webp_exif_{name}.webp", webp_exif(webp, ODD_TAGS[name]))
    block = exif(6)
    put("jpeg_exif_behind_xmp.jpg",
        with_segments(jpeg, app1(b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"), jpeg_exif(block)))
    put("jpeg_exif_two_blocks.jpg", with_segments(jpeg, jpeg_exif(block), jpeg_exif(exif(3))))
    put("jpeg_exif_wrong_magic.jpg", with_segments(jpeg, jpeg_exif(block.replace(b"*", b"+", 1))))
    put("jpeg_exif_no_prefix.jpg", with_segments(jpeg, jpeg_exif(block, b"")))
    put("jpeg_exif_prefix_only_zero.jpg", with_segments(jpeg, jpeg_exif(block, b"Exif\0\xff")))
    put("jpeg_exif_progressive.jpg",
        with_segments(saved(photo(), "JPEG", progressive=True), jpeg_exif(block)))
    put("jpeg_exif_gray.jpg", with_segments(saved(gray(), "JPEG"), jpeg_exif(block)))
    put("jpeg_exif_cmyk.jpg", with_segments(saved(Image.fromarray(photo()).convert("CMYK"), "JPEG"), jpeg_exif(block)))
    put("png_exif_behind_pixels.png", with_chunk(png, png_chunk(b"eXIf", block), b"IEND"))
    put("png_exif_prefix.png", with_chunk(png, png_chunk(b"eXIf", b"Exif\0\0" + block)))
    put("png_exif_palette.png", with_chunk(saved(Image.fromarray(photo()).quantize(16), "PNG"),
                                           png_chunk(b"eXIf", block)))
    raw = b"exif\n".rjust(6, b"\n") + b"%8d\n" % (len(block) + 6) + (b"Exif\0\0" + block).hex().encode()
    put("png_exif_in_text.png", with_chunk(png, png_chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw))))
    put("webp_exif_prefix.webp", webp_exif(webp, b"Exif\0\0" + block))
    put("webp_exif_without_flag.webp", webp_exif(webp, block, flag=False))
    put("webp_exif_lossy.webp", webp_exif(saved(photo(), "WEBP", quality=80), block))
    chunks = webp_chunks(webp)
    put("webp_exif_before_pixels.webp", riff(vp8x(HEIGHT, WIDTH, 8), (b"EXIF", block), *chunks))


# --- one function for each container ---------------------------------------------------------------------------------


def make_jpeg():
    picture = Image.fromarray(photo())
    put("jpeg_420.jpg", saved(picture, "JPEG", quality=90, subsampling=2))
    put("jpeg_422.jpg", saved(picture, "JPEG", quality=90, subsampling=1))
    put("jpeg_444.jpg", saved(picture, "JPEG", quality=90, subsampling=0))
    put("jpeg_gray.jpg", saved(gray(), "JPEG"))
    put("jpeg_progressive.jpg", saved(picture, "JPEG", progressive=True))
    put("jpeg_restarts.jpg", saved(picture, "JPEG", restart_marker_blocks=1))
    put("jpeg_1x1.jpg", saved(photo(1, 1), "JPEG"))
    put("jpeg_1x40.jpg", saved(photo(40, 1), "JPEG"))
    put("jpeg_odd_sides.jpg", saved(photo(13, 17), "JPEG"))
    cmyk = picture.convert("CMYK")
    put("jpeg_cmyk_adobe.jpg", saved(cmyk, "JPEG"))
    samples = np.asarray(cmyk)
    put("jpeg_ycck.jpg", imagecodecs.jpeg8_encode(samples, level=90, colorspace="CMYK", outcolorspace="YCCK"))
    put("jpeg_cmyk_plain.jpg", without_segment(imagecodecs.jpeg8_encode(
        samples, level=90, colorspace="CMYK", outcolorspace="CMYK"), 0xEE))
    put("jpeg_rgb.jpg", imagecodecs.jpeg8_encode(photo(), level=90, colorspace="RGB", outcolorspace="RGB"))
    put("jpeg_12bit.jpg", imagecodecs.jpeg8_encode(gray().astype(np.uint16) * 16, level=90, bitspersample=12))
    put("jpeg_lossless.jpg", imagecodecs.jpeg8_encode(photo(), lossless=True, colorspace="RGB", outcolorspace="RGB"))
    put("jpeg_two_images.mpo", saved(picture, "MPO", save_all=True, append_images=[Image.fromarray(photo()[::-1])]))
    shutil.copy(OUT / "jpeg_two_images.mpo", OUT / "jpeg_mpo_named.jpg")
    whole = saved(picture, "JPEG", quality=90)
    put("jpeg_trailing_bytes.jpg", whole + b"\0\x01trailing bytes\xff\xd8" * 9)
    put("jpeg_no_end.jpg", whole[:-2])
    put("jpeg_cut.jpg", saved(photo(48, 48), "JPEG", quality=90)[:-700])
    put("jpeg_bytes_before.jpg", b"\n" + whole)
    put("jpeg_fill_bytes.jpg", whole[:2] + b"\xff\xff\xff" + whole[2:])
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "a.ppm"
        picture.save(source)
        for name, options in (("arithmetic", ["-arithmetic"]), ("arithmetic_progressive", ["-arithmetic", "-progressive"]),
                              ("440", ["-sample", "1x2"]), ("411", ["-sample", "4x1"])):
            run("cjpeg", "-quality", "90", *options, "-outfile", OUT / f"jpeg_{name}.jpg", source)


def without_segment(jpeg, marker):
    at = jpeg.find(bytes([0xFF, marker]))
    if at < 0:
        return jpeg
    return jpeg[:at] + jpeg[at + 2 + struct.unpack_from(">H", jpeg, at + 2)[0]:]


def raw_png(samples, depth, colour, *chunks, interlace=0):
    """`samples`: rows of bytes as PNG stores them."""
    height = len(samples)
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    width = len(samples[0]) * 8 // (depth * channels)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in samples))
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))
            + b"".join(chunks) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b""))


def packed(values, depth):
    bits = np.unpackbits(values.astype(np.uint8)[:, :, None], axis=2)[:, :, 8 - depth:]
    return np.packbits(bits.reshape(values.shape[0], -1), axis=1)


def make_png():
    big = photo().astype(np.uint32) * 257 + np.arange(WIDTH, dtype=np.uint32)[None, :, None] * 11
    wide = np.minimum(big, 65535).astype(">u2")
    wide_alpha = np.dstack([wide, alpha().astype(">u2") * 257]).astype(">u2")
    for depth in (1, 2, 4):
        put(f"png_gray{depth}.png", raw_png(packed(gray()[:, :16] >> (8 - depth), depth), depth, 0))
        palette = bytes(np.random.default_rng(depth).integers(0, 256, 3 << depth, dtype=np.uint8))
        put(f"png_palette{depth}.png",
            raw_png(packed(gray()[:, :16] >> (8 - depth), depth), depth, 3, png_chunk(b"PLTE", palette)))
        put(f"png_palette{depth}_alpha.png",
            raw_png(packed(gray()[:, :16] >> (8 - depth), depth), depth, 3, png_chunk(b"PLTE", palette),
                    png_chunk(b"tRNS", b"\0\x80")))
    palette = bytes(np.random.default_rng(8).integers(0, 256, 768, dtype=np.uint8))
    put("png_palette8.png", raw_png(gray(), 8, 3, png_chunk(b"PLTE", palette)))
    put("png_palette_short.png", raw_png(gray(), 8, 3, png_chunk(b"PLTE", palette[:300])))
    put("png_gray8.png", raw_png(gray(), 8, 0))
    put("png_gray8_key.png", raw_png(gray(), 8, 0, png_chunk(b"tRNS", b"\0\xdc")))
    put("png_gray16.png", raw_png([row[:, 1].tobytes() for row in wide], 16, 0))
    put("png_gray_alpha8.png", raw_png([row.tobytes() for row in np.dstack([gray(), alpha()])], 8, 4))
    put("png_gray_alpha16.png", raw_png([row[:, 2:].tobytes() for row in wide_alpha], 16, 4))
    put("png_rgb8.png", saved(photo(), "PNG"))
    put("png_rgb8_key.png", raw_png([row.tobytes() for row in photo()], 8, 2, png_chunk(b"tRNS", b"\0\xfa\0\x1e\0\x14")))
    put("png_rgb16.png", raw_png([row.tobytes() for row in wide], 16, 2))
    put("png_rgba8.png", saved(rgba(), "PNG"))
    put("png_rgba16.png", raw_png([row.tobytes() for row in wide_alpha], 16, 6))
    put("png_interlaced.png", adam7_interlaced(photo()))
    put("png_gamma.png", with_chunk(saved(photo(), "PNG"), png_chunk(b"gAMA", struct.pack(">I", 100000))))
    put("png_srgb.png", with_chunk(saved(photo(), "PNG"), png_chunk(b"sRGB", b"\0")))
    put("png_background.png", with_chunk(saved(rgba(), "PNG"), png_chunk(b"bKGD", struct.pack(">HHH", 0, 255, 0))))
    put("png_1x1.png", saved(photo(1, 1), "PNG"))
    whole = saved(photo(24, 24), "PNG")
    put("png_cut.png", whole[: len(whole) * 2 // 3])
    put("png_no_end.png", whole[:-12])
    at = whole.index(b"IDAT") + 20
    put("png_damaged_pixels.png", whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1:])
    wrong = bytearray(with_chunk(whole, png_chunk(b"tEXt", b"Comment\0x")))
    wrong[wrong.index(b"tEXt") + 13] ^= 1
    put("png_wrong_text_crc.png", bytes(wrong))
    wrong = bytearray(whole)
    wrong[-13] ^= 1
    put("png_wrong_pixel_crc.png", bytes(wrong))
    put("png_trailing_bytes.png", whole + b"trailing" * 5)
    frames = [Image.fromarray(photo()), Image.fromarray(photo()[::-1]), Image.fromarray(photo()[:, ::-1])]
    put("png_animated.png", saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=50))
    put("png_animated_default_image.png",
        saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=50, default_image=True))
    put("png_animated_late_partial.png", late_animation([(3, 2, photo(6, 8)), (0, 0, photo()[::-1])]))
    put("png_animated_late_one.png", late_animation([(0, 0, photo()[::-1])]))
    put("png_animated_late_full_then_partial.png", late_animation([(0, 0, photo()[::-1]), (3, 2, photo(6, 8))]))
    put("png_animated_alpha.png", saved(Image.fromarray(rgba()), "PNG", save_all=True, duration=50,
                                        append_images=[Image.fromarray(rgba()[::-1])]))


def late_animation(frames):
    """An animation to which the image itself does not belong."""
    png = with_chunk(saved(photo(), "PNG"), png_chunk(b"acTL", struct.pack(">II", len(frames), 0)))
    number = 0
    for left, top, pixels in frames:
        data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in pixels))
        control = struct.pack(">IIIIIHHBB", number, pixels.shape[1], pixels.shape[0], left, top, 1, 20, 0, 0)
        png = with_chunk(png, png_chunk(b"fcTL", control) + png_chunk(b"fdAT", struct.pack(">I", number + 1) + data), b"IEND")
        number += 2
    return png


def adam7_interlaced(pixels):
    """Adam7, by hand."""
    height, width = pixels.shape[:2]
    data = b""
    for y0, x0, dy, dx in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
        part = pixels[y0::dy, x0::dx]
        if part.size:
            data += b"".join(b"\0" + row.tobytes() for row in part)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1))
            + png_chunk(b"IDAT", zlib.compress(data)) + png_chunk(b"IEND", b""))


def anim_frame(x, y, image, blend=0, dispose=0):
    chunks = [chunk for chunk in webp_chunks(saved(image, "WEBP", lossless=True)) if chunk[0] in (b"VP8L", b"VP8 ", b"ALPH")]
    body = b"".join(name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2) for name, content in chunks)
    height, width = image.shape[:2]
    three = lambda value: struct.pack("<I", value)[:3]
    return b"ANMF", (three(x // 2) + three(y // 2) + three(width - 1) + three(height - 1) + three(40)
                     + bytes([(0 if blend else 2) | dispose]) + body)


def make_webp():
    put("webp_lossy.webp", saved(photo(), "WEBP", quality=80))
    put("webp_lossless.webp", saved(photo(), "WEBP", lossless=True))
    put("webp_alpha_lossy.webp", saved(rgba(), "WEBP", quality=80))
    put("webp_alpha_lossless.webp", saved(rgba(), "WEBP", lossless=True, exact=True))
    put("webp_gray.webp", saved(gray(), "WEBP", quality=80))
    put("webp_1x1.webp", saved(photo(1, 1), "WEBP", lossless=True))
    put("webp_odd_sides.webp", saved(photo(13, 17), "WEBP", quality=80))
    frames = [Image.fromarray(photo()), Image.fromarray(photo()[::-1])]
    for name, options in (("lossy", {"quality": 80}), ("lossless", {"lossless": True})):
        put(f"webp_animated_{name}.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=40, **options))
    flipped = [Image.fromarray(rgba()), Image.fromarray(rgba()[::-1])]
    put("webp_animated_alpha.webp", saved(flipped[0], "WEBP", save_all=True, append_images=flipped[1:], duration=40, lossless=True, exact=True))
    background = b"ANIM", bytes([200, 100, 50, 255]) + b"\0\0"
    clear = b"ANIM", bytes([200, 100, 50, 0]) + b"\0\0"
    part = photo(8, 10)
    put("webp_animated_offset.webp", riff(vp8x(HEIGHT, WIDTH, 2), background, anim_frame(4, 2, part), anim_frame(0, 0, photo())))
    put("webp_animated_offset_clear.webp", riff(vp8x(HEIGHT, WIDTH, 0x12), clear, anim_frame(4, 2, part), anim_frame(0, 0, photo())))
    put("webp_animated_offset_alpha.webp", riff(vp8x(HEIGHT, WIDTH, 0x12), background, anim_frame(4, 2, rgba(8, 10), blend=1)))
    put("webp_animated_one.webp", riff(vp8x(HEIGHT, WIDTH, 2), background, anim_frame(0, 0, photo())))
    put("webp_animated_exif.webp", riff(vp8x(HEIGHT, WIDTH, 2 | 8), background, anim_frame(0, 0, photo()),
                                        anim_frame(0, 0, photo()[::-1]), (b"EXIF", exif(6))))
    put("webp_animated_no_frame.webp", riff(vp8x(HEIGHT, WIDTH, 2), background))
    whole = saved(photo(48, 48), "WEBP", lossless=True)
    put("webp_cut.webp", whole[: len(whole) * 2 // 3])
    put("webp_trailing_bytes.webp", saved(photo(), "WEBP", lossless=True) + b"trailing" * 4)
    put("webp_canvas_differs.webp", riff(vp8x(HEIGHT + 4, WIDTH + 4, 0), *webp_chunks(saved(photo(), "WEBP", lossless=True))))


def gif_blocks(indices):
    """LZW codes of 9 bits that never grow: a clear code now and then."""
    bits, at = 0, 0
    def code(value):
        nonlocal bits, at
        bits |= value << at
        at += 9
    for i, index in enumerate(indices):
        if i % 200 == 0:
            code(256)
        code(int(index))
    code(257)
    data = bits.to_bytes((at + 7) // 8, "little")
    return b"\x08" + b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255)) + b"\0"


def gif_frame(indices, left=0, top=0, key=None, palette=None, interlaced=False, dispose=0):
    height, width = indices.shape
    flags = (0x87 if palette is not None else 0) | (0x40 if interlaced else 0)
    if interlaced:
        order = [*range(0, height, 8), *range(4, height, 8), *range(2, height, 4), *range(1, height, 2)]
        indices = indices[order]
    control = b"\x21\xf9\x04" + bytes([(1 if key is not None else 0) | dispose << 2, 5, 0, key or 0, 0])
    return control + b"\x2c" + struct.pack("<HHHHB", left, top, width, height, flags) + (palette or b"") + gif_blocks(indices.ravel())


def gif(height, width, palette, *frames, version=b"89a", background=0, loop=True):
    loops = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" if loop and len(frames) > 1 else b""
    flags = 0xF7 if palette is not None else 0x70
    return b"GIF" + version + struct.pack("<HHBBB", width, height, flags, background, 0) + (palette or b"") + loops + b"".join(frames) + b";"


def make_gif():
    palette = bytes(np.random.default_rng(1).integers(0, 256, 768, dtype=np.uint8))
    other = bytes(np.random.default_rng(2).integers(0, 256, 768, dtype=np.uint8))
    plain = gray()
    plain[plain == 3] = 4
    keyed = plain.copy()
    keyed[:, 8:12] = 3
    images = {
        "gif_still": gif(HEIGHT, WIDTH, palette, gif_frame(plain)),
        "gif_87a": gif(HEIGHT, WIDTH, palette, gif_frame(plain)[8:], version=b"87a"),
        "gif_interlaced": gif(HEIGHT, WIDTH, palette, gif_frame(plain, interlaced=True)),
        "gif_transparent": gif(HEIGHT, WIDTH, palette, gif_frame(keyed, key=3), background=9),
        "gif_local_palette": gif(HEIGHT, WIDTH, palette, gif_frame(plain, palette=other)),
        "gif_only_local_palette": gif(HEIGHT, WIDTH, None, gif_frame(plain, palette=other)),
        "gif_no_palette": gif(HEIGHT, WIDTH, None, gif_frame(plain)),
        "gif_offset": gif(HEIGHT, WIDTH, palette, gif_frame(plain[:8, :10], 4, 2), background=9),
        "gif_beyond_canvas": gif(HEIGHT, WIDTH, palette, gif_frame(plain, 4, 2), background=9),
        "gif_animated": gif(HEIGHT, WIDTH, palette, gif_frame(plain), gif_frame(plain[::-1].copy())),
        "gif_animated_transparent": gif(HEIGHT, WIDTH, palette, gif_frame(keyed, key=3), gif_frame(plain), background=9),
        "gif_first_frame_small": gif(HEIGHT, WIDTH, palette, gif_frame(plain[:5, :7], 3, 3), gif_frame(plain), background=9),
        "gif_1x1": gif(1, 1, palette, gif_frame(plain[:1, :1])),
        "gif_pillow": saved(Image.fromarray(photo()).quantize(32), "GIF"),
        "gif_comment": gif(HEIGHT, WIDTH, palette, b"\x21\xfe\x05hello\0" + gif_frame(plain)),
    }
    images["gif_cut"] = images["gif_still"][:-120]
    images["gif_no_end"] = images["gif_still"][:-1]
    for name, data in images.items():
        put(name + ".gif", data)
        if name in ("gif_still", "gif_animated", "gif_transparent"):
            put(name + "_named.jpg", data)
    put("webp_named.jpg", saved(photo(), "WEBP", lossless=True))
    put("png_named.jpg", saved(photo(), "PNG"))
    put("jpeg_named.png", saved(photo(), "JPEG"))
    put("bmp_named.png", saved(photo(), "BMP"))
    put("tiff_named.jpg", saved(photo(), "TIFF"))
    put("tiff16_named.jpg", tiff_bytes(photo().astype(np.uint16) * 257, photometric="rgb"))
    put("tiff_exif6_named.jpg", tiff_bytes(photo(), photometric="rgb", extratags=[(274, 3, 1, 6, True)]))
    put("tiff_float_named.jpg", tiff_bytes(photo().astype(np.float32), photometric="rgb"))


def tiff_bytes(pixels, byteorder="<", bigtiff=False, **options):
    stream = io.BytesIO()
    tifffile.imwrite(stream, pixels, byteorder=byteorder, bigtiff=bigtiff, metadata=None, **options)
    return stream.getvalue()


def make_tiff():
    rgb = photo()
    wide = np.minimum(rgb.astype(np.uint32) * 257 + 60, 65535).astype(np.uint16)
    real = rgb.astype(np.float32) * 1.01 - 0.4
    images = {
        "rgb8": (rgb, {}),
        "rgb8_be": (rgb, {"byteorder": ">"}),
        "rgb8_big": (rgb, {"bigtiff": True}),
        "rgb8_big_be": (rgb, {"bigtiff": True, "byteorder": ">"}),
        "rgb8_tiled": (rgb, {"tile": (16, 16)}),
        "rgb8_tiled_lzw": (rgb, {"tile": (16, 16), "compression": "lzw"}),
        "rgb8_tiled_jpeg": (photo(20, 20), {"tile": (16, 16), "compression": "jpeg"}),
        "rgb16_tiled_lzw": (wide, {"tile": (16, 16), "compression": "lzw"}),
        "rgb8_planar": (np.moveaxis(rgb, 2, 0), {"planarconfig": "separate"}),
        "rgb8_strips": (rgb, {"rowsperstrip": 5}),
        "rgb8_lzw": (rgb, {"compression": "lzw"}),
        "rgb8_lzw_predictor": (rgb, {"compression": "lzw", "predictor": 2}),
        "rgb8_deflate": (rgb, {"compression": "zlib"}),
        "rgb8_deflate_predictor": (rgb, {"compression": "zlib", "predictor": 2}),
        "rgb8_packbits": (rgb, {"compression": "packbits"}),
        "rgb8_zstd": (rgb, {"compression": "zstd"}),
        "rgb8_lzma": (rgb, {"compression": "lzma"}),
        "rgb8_webp": (rgb, {"compression": "webp"}),
        "rgb8_jpeg": (rgb, {"compression": "jpeg"}),
        "rgb8_jpeg2000": (rgb, {"compression": "jpeg2000"}),
        "rgba8": (rgba(), {"extrasamples": ["unassalpha"]}),
        "rgba8_premultiplied": (rgba(), {"extrasamples": ["assocalpha"]}),
        "rgba8_planar": (np.moveaxis(rgba(), 2, 0), {"planarconfig": "separate", "extrasamples": ["unassalpha"]}),
        "rgb16": (wide, {}),
        "rgb16_be": (wide, {"byteorder": ">"}),
        "rgb16_lzw": (wide, {"compression": "lzw", "predictor": 2}),
        "rgb16_planar": (np.moveaxis(wide, 2, 0), {"planarconfig": "separate"}),
        "rgb16_tiled": (wide, {"tile": (16, 16)}),
        "rgba16": (np.dstack([wide, wide[:, :, :1]]), {"extrasamples": ["unassalpha"]}),
        "rgb_float16": (real.astype(np.float16), {}),
        "rgb_float32": (real, {}),
        "rgb_float32_be": (real, {"byteorder": ">"}),
        "rgb_float32_tiled": (real, {"tile": (16, 16)}),
        "rgb_float32_deflate": (real, {"compression": "zlib"}),
        "rgb_float32_predictor": (real, {"compression": "zlib", "predictor": 3}),
        "rgb_float32_planar": (np.moveaxis(real, 2, 0), {"planarconfig": "separate"}),
        "rgb_float32_big": (real, {"bigtiff": True}),
        "rgb_float32_out_of_range": (real * 3 - 200, {}),
        "rgb_float32_unit": (real / 255, {}),
        "rgb_float64": (real.astype(np.float64), {}),
        "rgba_float32": (np.dstack([real, real[:, :, 0]]), {"extrasamples": ["unassalpha"]}),
        "rgb_int8": (rgb.astype(np.int16).clip(-128, 127).astype(np.int8), {}),
        "rgb_int16": (rgb.astype(np.int16), {}),
        "rgb_int32": (rgb.astype(np.int32), {}),
        "rgb_uint32": (rgb.astype(np.uint32), {}),
        "gray8": (gray(), {}),
        "gray8_white_is_zero": (gray(), {"photometric": "miniswhite"}),
        "gray8_alpha": (np.dstack([gray(), alpha()]), {"photometric": "minisblack", "planarconfig": "contig", "extrasamples": ["unassalpha"]}),
        "gray16": (wide[:, :, 1], {}),
        "gray_float32": (real[:, :, 1], {}),
        "gray_float64": (real[:, :, 1].astype(np.float64), {}),
        "gray_int16": (wide[:, :, 1].astype(np.int32).clip(0, 32767).astype(np.int16), {}),
        "gray_int32": (gray().astype(np.int32), {}),
        "gray_uint32": (gray().astype(np.uint32), {}),
        "gray_bits": (gray() > 128, {}),
        "cmyk8": (np.asarray(Image.fromarray(rgb).convert("CMYK")), {"photometric": "separated"}),
        "palette8": (gray(), {"photometric": "palette", "colormap": np.random.default_rng(4).integers(0, 65535, (3, 256), dtype=np.uint16)}),
        "five_channels": (np.dstack([rgb, rgb[:, :, :2]]), {"photometric": "minisblack", "planarconfig": "contig"}),
        "pages_rgb": (np.stack([rgb, rgb[::-1]]), {}),
        "pages_gray": (np.stack([gray(), gray()[::-1], gray()[:, ::-1]]), {"photometric": "minisblack"}),
    }
    for name, (pixels, options) in images.items():
        if "photometric" not in options:
            options["photometric"] = "rgb" if name.startswith(("rgb", "pages_rgb")) else "minisblack"
        put(f"tiff_{name}.tif", tiff_bytes(pixels, **options))
    for value in range(0, 10):
        for order, name in (("<", "le"), (">", "be")):
            put(f"tiff_exif{value}_{name}.tif", tiff_bytes(rgb, order, photometric="rgb", extratags=[(274, 3, 1, value, True)]))
    put("tiff_exif6_long.tif", tiff_bytes(rgb, photometric="rgb", extratags=[(274, 4, 1, 6, True)]))
    put("tiff_exif6_tiled.tif", tiff_bytes(rgb, photometric="rgb", tile=(16, 16), extratags=[(274, 3, 1, 6, True)]))
    put("tiff_exif6_float.tif", tiff_bytes(real, photometric="rgb", extratags=[(274, 3, 1, 6, True)]))
    put("tiff_exif6_rgb16.tif", tiff_bytes(wide, photometric="rgb", extratags=[(274, 3, 1, 6, True)]))
    put("tiff_exif3_gray.tif", tiff_bytes(gray(), photometric="minisblack", extratags=[(274, 3, 1, 3, True)]))
    put("tiff_exif6_big.tif", tiff_bytes(rgb, bigtiff=True, photometric="rgb", extratags=[(274, 3, 1, 6, True)]))
    put("tiff_palette_pillow.tif", saved(Image.fromarray(rgb).quantize(16), "TIFF"))
    put("tiff_bits_fax4.tif", saved(Image.fromarray(gray() > 128), "TIFF", compression="group4"))
    put("tiff_ycbcr_jpeg.tif", saved(rgb, "TIFF", compression="jpeg"))
    put("tiff_lab.tif", saved(lab(rgb), "TIFF"))
    whole = tiff_bytes(photo(24, 24), photometric="rgb", compression="lzw")
    put("tiff_cut.tif", whole[: len(whole) * 2 // 3])
    shutil.copy(OUT / "tiff_rgb8.tif", OUT / "tiff_suffix.tiff")


def lab(pixels):
    picture = Image.fromarray(pixels)
    from PIL import ImageCms
    return ImageCms.profileToProfile(picture, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB")


def make_avif():
    height, width = 16, 24
    with tempfile.TemporaryDirectory() as folder:
        at = lambda name: Path(folder) / name
        Image.fromarray(photo(height, width)).save(at("rgb.png"))
        Image.fromarray(rgba(height, width)).save(at("rgba.png"))
        Image.fromarray(gray(height, width)).save(at("gray.png"))
        Image.fromarray(photo(height, width)[::-1]).save(at("flipped.png"))
        Image.fromarray(photo(13, 17)).save(at("odd.png"))
        at("exif6").write_bytes(exif(6))
        at("exif6be").write_bytes(exif(6, ">"))
        at("exiflong").write_bytes(ODD_TAGS["long_be"])
        at("exif9").write_bytes(exif(9))
        at("exif1").write_bytes(exif(1))
        base = ["avifenc", "--min", "10", "--max", "20", "-s", "6"]
        variants = {
            "420": ["-y", "420", "rgb.png"], "422": ["-y", "422", "rgb.png"], "444": ["-y", "444", "rgb.png"],
            "400": ["-y", "400", "gray.png"], "rgba": ["rgba.png"], "rgba_420": ["-y", "420", "rgba.png"],
            "premultiplied": ["-p", "rgba.png"],
            "10bit": ["-d", "10", "rgb.png"], "12bit": ["-d", "12", "rgb.png"], "10bit_420": ["-d", "10", "-y", "420", "rgb.png"],
            "12bit_420": ["-d", "12", "-y", "420", "rgb.png"], "12bit_rgba": ["-d", "12", "rgba.png"],
            "10bit_limited": ["-d", "10", "-r", "limited", "rgb.png"], "10bit_odd": ["-d", "10", "-y", "420", "odd.png"],
            "10bit_422": ["-d", "10", "-y", "422", "rgb.png"],
            "10bit_gray": ["-d", "10", "-y", "400", "gray.png"], "10bit_rgba": ["-d", "10", "rgba.png"],
            "limited": ["-r", "limited", "rgb.png"], "bt709": ["--cicp", "1/13/1", "rgb.png"],
            "bt2020": ["--cicp", "9/13/9", "rgb.png"], "lossless": ["-l", "rgb.png"], "odd_sides": ["-y", "420", "odd.png"],
            "exif6": ["--exif", at("exif6"), "rgb.png"], "exif6_be": ["--exif", at("exif6be"), "rgb.png"],
            "irot1": ["--irot", "1", "rgb.png"], "irot2": ["--irot", "2", "rgb.png"], "irot3": ["--irot", "3", "rgb.png"],
            "imir0": ["--imir", "0", "rgb.png"], "imir1": ["--imir", "1", "rgb.png"],
            "irot1_imir0": ["--irot", "1", "--imir", "0", "rgb.png"],
            "irot1_imir1": ["--irot", "1", "--imir", "1", "rgb.png"],
            "irot1_exif6": ["--irot", "1", "--exif", at("exif6"), "rgb.png"],
            "irot2_exif6": ["--irot", "2", "--exif", at("exif6"), "rgb.png"],
            "imir0_exif6": ["--imir", "0", "--exif", at("exif6"), "rgb.png"],
            "irot0_exif6": ["--irot", "0", "--exif", at("exif6"), "rgb.png"],
            "exif_long_be": ["--exif", at("exiflong"), "rgb.png"],
            "exif_value9": ["--exif", at("exif9"), "rgb.png"],
            "crop": ["--crop", "2,2,12,8", "rgb.png"], "sequence": ["rgb.png", "flipped.png"],
        }
        for name, (*options, last) in variants.items():
            sources = [at(part) if str(part).endswith(".png") else part for part in [*options, last]]
            put_at = OUT / f"avif_{name}.avif"
            run(*base, *sources, put_at)
        Image.fromarray(photo(128, 128)).save(at("tile.png"))
        run(*base, "--exif", at("exif1"), at("rgb.png"), OUT / "avif_exif6_only.avif")
        turned = bytearray((OUT / "avif_exif6_only.avif").read_bytes())
        turned[turned.index(exif(1)) + 18] = 6  # avifenc itself would have turned it into irot
        put("avif_exif6_only.avif", bytes(turned))
        whole = (OUT / "avif_444.avif").read_bytes()
        put("avif_cut.avif", whole[: len(whole) * 2 // 3])
        put("avif_named.jpg", whole)
        put("avif_mif1.avif", whole.replace(b"ftypavif", b"ftypmif1", 1))


def make_heic():
    height, width = 16, 24
    pillow_heif.register_heif_opener()
    picture = Image.fromarray(photo(height, width))
    for name, chroma in (("420", 420), ("422", 422), ("444", 444)):
        put(f"heic_{name}.heic", saved(picture, "HEIF", quality=80, chroma=chroma))
    put("heic_gray.heic", saved(Image.fromarray(gray(height, width)), "HEIF", quality=80))
    put("heic_rgba.heic", saved(Image.fromarray(rgba(height, width)), "HEIF", quality=80))
    put("heic_lossless.heic", saved(picture, "HEIF", quality=-1, chroma=444, matrix_coefficients=0))
    second = Image.fromarray(photo(height, width)[::-1])
    put("heic_two_images.heic", saved(picture, "HEIF", quality=80, save_all=True, append_images=[second]))
    put("heic_second_is_primary.heic", saved(picture, "HEIF", quality=80, save_all=True, append_images=[second], primary_index=1))
    put("heic_suffix.heif", saved(picture, "HEIF", quality=80))
    for value in range(2, 9):
        put(f"heic_exif{value}.heic", saved(picture, "HEIF", quality=80, exif=exif(value)))
    put("heic_odd_sides.heic", saved(Image.fromarray(photo(13, 17)), "HEIF", quality=80))
    wide = np.minimum(photo(height, width).astype(np.uint32) * 257, 65535).astype(np.uint16)
    deep = pillow_heif.from_bytes(mode="RGB;16", size=(width, height), data=wide.tobytes())
    for bits in (10, 12):
        pillow_heif.options.SAVE_HDR_TO_12_BIT = bits == 12
        for name, options in (("", {}), ("_444", {"chroma": 444}), ("_bt709", {"matrix_coefficients": 1, "color_primaries": 1}),
                              ("_limited", {"full_range_flag": 0}), ("_bt2020", {"matrix_coefficients": 9})):
            if name and bits == 12:
                continue
            stream = io.BytesIO()
            deep.save(stream, quality=80, **options)
            put(f"heic_{bits}bit{name}.heic", stream.getvalue())
    pillow_heif.options.SAVE_HDR_TO_12_BIT = False
    deep_gray = pillow_heif.from_bytes(mode="L;16", size=(width, height), data=wide[:, :, 1].tobytes())
    stream = io.BytesIO()
    deep_gray.save(stream, quality=80)
    put("heic_10bit_gray.heic", stream.getvalue())
    put("heic_limited.heic", saved(picture, "HEIF", quality=80, full_range_flag=0))
    put("heic_bt709.heic", saved(picture, "HEIF", quality=80, matrix_coefficients=1))
    whole = (OUT / "heic_420.heic").read_bytes()
    put("heic_cut.heic", whole[: len(whole) * 2 // 3])
    put("heic_named.jpg", whole)


def make_jpeg2000():
    picture = Image.fromarray(photo())
    put("jpeg2000_rgb.jp2", saved(picture, "JPEG2000"))
    put("jpeg2000_lossy.jp2", saved(picture, "JPEG2000", irreversible=True, quality_mode="rates", quality_layers=[5]))
    put("jpeg2000_gray.jp2", saved(gray(), "JPEG2000"))
    put("jpeg2000_rgba.jp2", saved(rgba(), "JPEG2000"))
    put("jpeg2000_codestream.jp2", saved(picture, "JPEG2000", no_jp2=True))
    put("jpeg2000_rgb16.jp2", imagecodecs.jpeg2k_encode(photo().astype(np.uint16) * 257, level=0, codecformat="JP2"))
    put("jpeg2000_gray16.jp2", imagecodecs.jpeg2k_encode(gray().astype(np.uint16) * 257, level=0, codecformat="JP2"))
    put("jpeg2000_gray12.jp2", imagecodecs.jpeg2k_encode(gray().astype(np.uint16) * 16, level=0, codecformat="JP2", bitspersample=12))
    put("jpeg2000_ycc.jp2", imagecodecs.jpeg2k_encode(photo(), level=0, codecformat="JP2", colorspace="SYCC"))
    put("jpeg2000_tiles.jp2", saved(picture, "JPEG2000", tile_size=(8, 8)))
    put("jpeg2000_1x1.jp2", saved(photo(1, 1), "JPEG2000", num_resolutions=1))
    whole = saved(photo(48, 48), "JPEG2000")
    put("jpeg2000_cut.jp2", whole[: len(whole) * 2 // 3])


def bmp(rows, bits, coding=0, palette=b"", height=HEIGHT, width=WIDTH, masks=b"", top_down=False, core=False, header=40):
    if core:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        colours = len(palette) // 4
        head = struct.pack("<IiiHHIIiiII", header, width, -height if top_down else height, 1, bits, coding, len(rows), 2835, 2835,
                           colours, colours)
        head += masks if header == 40 else masks.ljust(header - 40, b"\0")
    at = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(rows), 0, 0, at) + head + palette + rows


def bmp_rows(rows, top_down=False):
    rows = [bytes(row) + b"\0" * (-len(bytes(row)) % 4) for row in rows]
    return b"".join(rows if top_down else rows[::-1])


def make_bmp():
    bgr = photo()[:, :, ::-1]
    palette = lambda count: b"".join(bytes([*row, 0]) for row in np.random.default_rng(count).integers(0, 256, (count, 3), dtype=np.uint8))
    for depth in (1, 4):
        put(f"bmp_palette{depth}.bmp", bmp(bmp_rows(packed(gray() >> (8 - depth), depth)), depth, palette=palette(1 << depth)))
    put("bmp_palette8.bmp", bmp(bmp_rows(gray()), 8, palette=palette(256)))
    put("bmp_palette8_short.bmp", bmp(bmp_rows(gray() % 40), 8, palette=palette(40)))
    put("bmp_gray8.bmp", saved(gray(), "BMP"))
    five = lambda mask: (((bgr[:, :, 2].astype(np.uint16) >> 3) << (11 if mask else 10))
                         | ((bgr[:, :, 1].astype(np.uint16) >> (2 if mask else 3)) << 5) | (bgr[:, :, 0] >> 3)).astype("<u2")
    put("bmp_555.bmp", bmp(bmp_rows([row.tobytes() for row in five(False)]), 16))
    put("bmp_565.bmp", bmp(bmp_rows([row.tobytes() for row in five(True)]), 16, 3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F)))
    put("bmp_555_masks.bmp", bmp(bmp_rows([row.tobytes() for row in five(False)]), 16, 3, masks=struct.pack("<III", 0x7C00, 0x3E0, 0x1F)))
    put("bmp_rgb24.bmp", saved(photo(), "BMP"))
    put("bmp_rgb24_core.bmp", bmp(bmp_rows([row.tobytes() for row in bgr]), 24, core=True))
    put("bmp_rgb24_top_down.bmp", bmp(bmp_rows([row.tobytes() for row in bgr], True), 24, top_down=True))
    bgra = np.dstack([bgr, alpha()])
    put("bmp_rgb32.bmp", bmp(bmp_rows([row.tobytes() for row in bgra]), 32))
    put("bmp_rgb32_masks.bmp", bmp(bmp_rows([row.tobytes() for row in bgra[:, :, [2, 1, 0, 3]]]), 32, 3,
                                   masks=struct.pack("<III", 0xFF, 0xFF00, 0xFF0000)))
    put("bmp_rgba32_v5.bmp", bmp(bmp_rows([row.tobytes() for row in bgra]), 32, 3, header=124,
                                 masks=struct.pack("<IIIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000, 0x73524742)))
    rle8 = b"".join(b"".join(bytes([1, value]) for value in row) + b"\0\0" for row in gray()[::-1]) + b"\0\1"
    put("bmp_rle8.bmp", bmp(rle8, 8, 1, palette=palette(256)))
    rle8_jump = bytes([5, 7, 0, 0, 0, 2, 3, 2, 4, 9, 0, 4, 1, 2, 3, 4, 0, 1])
    put("bmp_rle8_jumps.bmp", bmp(rle8_jump, 8, 1, palette=palette(256)))
    nibbles = gray() >> 4
    rle4 = b"".join(b"".join(bytes([2, row[x] << 4 | row[x + 1]]) for x in range(0, WIDTH, 2)) + b"\0\0" for row in nibbles[::-1]) + b"\0\1"
    put("bmp_rle4.bmp", bmp(rle4, 4, 2, palette=palette(16)))
    put("bmp_1x1.bmp", saved(photo(1, 1), "BMP"))
    whole = saved(photo(), "BMP")
    put("bmp_cut.bmp", whole[:-300])


def make_others():
    rgb = photo()
    put("netpbm_p6.ppm.jpg", b"P6\n# note\n%d %d\n255\n" % (WIDTH, HEIGHT) + rgb.tobytes())
    put("netpbm_p5.pgm.jpg", b"P5 %d %d 255\n" % (WIDTH, HEIGHT) + gray().tobytes())
    put("netpbm_p5_16.pgm.jpg", b"P5 %d %d 65535\n" % (WIDTH, HEIGHT) + (gray().astype(">u2") * 257).tobytes())
    put("netpbm_pf.pfm.jpg", b"PF\n%d %d\n-1.0\n" % (WIDTH, HEIGHT) + rgb[::-1].astype("<f4").tobytes())
    put("unknown.jpg", b"this is a text, not an image\n" * 9)
    put("icon_named.jpg", saved(photo(32, 32), "ICO", sizes=[(16, 16)]))
    put("dng_preview.dng", dng(rgb))
    put("dng_mosaic.dng", tiff_bytes(gray().astype(np.uint16) * 16, photometric=32803, extratags=[
        (50706, 1, 4, bytes([1, 4, 0, 0]), True), (33421, 3, 2, (2, 2), True), (33422, 1, 4, bytes([0, 1, 1, 2]), True)]))


def dng(rgb):
    """A raw file: a small preview in the first directory, the sensor's mosaic in a sub-directory."""
    stream = io.BytesIO()
    mosaic = (gray(8, 12).astype(np.uint16) * 16)
    with tifffile.TiffWriter(stream) as writer:
        writer.write(rgb, photometric="rgb", subifds=1, metadata=None, subfiletype=1,
                     extratags=[(50706, 1, 4, bytes([1, 4, 0, 0]), True), (50708, 2, 4, "cam", True), (274, 3, 1, 6, True)])
        writer.write(mosaic, photometric=32803, subfiletype=0, metadata=None,
                     extratags=[(33421, 3, 2, (2, 2), True), (33422, 1, 4, bytes([0, 1, 1, 2]), True)])
    return stream.getvalue()


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for make in (make_orientations, make_jpeg, make_png, make_webp, make_gif, make_tiff, make_avif, make_heic, make_jpeg2000,
                 make_bmp, make_others):
        try:
            make()
        except Exception as error:  # a codec that this machine lacks costs its own group only
            print(f"{make.__name__}: {error!r}", file=sys.stderr)
            raise

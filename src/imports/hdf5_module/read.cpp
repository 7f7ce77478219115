#include <algorithm>
#include <cstddef>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <hdf5.h>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "imports/hdf5_file.hpp"

namespace yolovino::imports {

namespace {

constexpr std::uint64_t kMaxArrayBytes = 1ULL << 31U;
constexpr std::size_t kMaxTextBytes = 64U << 20U;
constexpr hsize_t kMaxTexts = 100'000;

/// Closes an HDF5 handle.
class Handle {
public:
    using Close = herr_t (*)(hid_t);
    Handle(hid_t id, Close close) : id_(id), close_(close) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        if (id_ >= 0) close_(id_);
    }
    operator hid_t() const noexcept { return id_; }
    bool valid() const noexcept { return id_ >= 0; }

private:
    hid_t id_;
    Close close_;
};

class Reader {
public:
    Reader(std::span<const std::byte> image, const std::string& file, Hdf5Sink& into)
        : image_(image), file_(file), into_(into) {}

    void run() {
        check_heaps();
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
        H5PLset_loading_state(0);  // a file must not choose code
        const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
        if (H5Pset_fapl_core(access, 1U << 20U, false) < 0 || !give_image(access))
            corrupt("it cannot be held in memory");
        const Handle opened(H5Fopen("yolovino-import", H5F_ACC_RDONLY, access), H5Fclose);
        if (!opened.valid()) corrupt("its header is damaged, or the file is truncated");
        // Exceptions do not pass through the library's C code.
        const herr_t result = H5Ovisit(
            opened, H5_INDEX_NAME, H5_ITER_INC,
            [](hid_t root, const char* name, const H5O_info_t* info, void* self) {
                return static_cast<Reader*>(self)->visit(root, name, info->type);
            },
            this);
        if (error_) std::rethrow_exception(error_);
        if (result < 0) corrupt("its tree of groups is damaged");
    }

private:
    [[noreturn]] void corrupt(const std::string& why) const {
        throw Error(ErrorCode::CorruptFile, "import", "not an HDF5 file, or damaged: " + why, {.file = file_});
    }
    [[noreturn]] void refuse(const std::string& path, const std::string& what) const {
        throw Error(ErrorCode::UnsupportedFile, "import",
                    fmt::format("the array '{}' of the HDF5 file {}", base::printable(path), what), {.file = file_});
    }
    [[noreturn]] void limit(const std::string& path) const {
        throw Error(ErrorCode::LimitExceeded, "import",
                    fmt::format("'{}' of the HDF5 file is larger than is read", base::printable(path)),
                    {.file = file_});
    }

    /// Lets the library read the image in place: without these functions it would copy it twice.
    bool give_image(hid_t access) {
        H5FD_file_image_callbacks_t lend = {};
        lend.image_malloc = [](std::size_t, H5FD_file_image_op_t, void* image) { return image; };
        lend.image_memcpy = [](void* to, const void*, std::size_t, H5FD_file_image_op_t, void*) { return to; };
        lend.image_realloc = [](void*, std::size_t, H5FD_file_image_op_t, void*) -> void* { return nullptr; };
        lend.image_free = [](void*, H5FD_file_image_op_t, void*) { return herr_t{0}; };
        lend.udata_copy = [](void* image) { return image; };
        lend.udata_free = [](void*) { return herr_t{0}; };
        // The library's interface has no const; the file is opened for reading.
        lend.udata = const_cast<std::byte*>(image_.data());
        return H5Pset_file_image_callbacks(access, &lend) >= 0 &&
               H5Pset_file_image(access, lend.udata, image_.size()) >= 0;
    }

    /// HDF5 1.10 trusts the sizes in the heaps of texts and would read beyond them.
    void check_heaps() const {
        const std::string_view text = base::as_text(image_);
        constexpr std::size_t kHead = 16;
        const auto number = [&](std::size_t at) {
            std::uint64_t value = 0;
            std::memcpy(&value, image_.data() + at, sizeof(value));
            return value;
        };
        constexpr std::string_view kBegin("GCOL\1\0\0\0", 8);
        for (std::size_t at = text.find(kBegin); at != text.npos; at = text.find(kBegin, at + 1)) {
            const std::uint64_t room = image_.size() - at;
            if (room < kHead || number(at + 8) > room) corrupt("a heap of texts reaches beyond the end");
            const std::uint64_t size = number(at + 8);
            for (std::uint64_t place = kHead; place + kHead <= size;) {
                const std::uint64_t count = number(at + place + 8);
                const bool rest = (number(at + place) & 0xFFFFU) == 0;  // the free space, its head counted
                if (count > size - place - (rest ? 0 : kHead)) corrupt("a text reaches beyond its heap");
                if (rest) break;
                place += kHead + (count + 7) / 8 * 8;
            }
        }
    }

    herr_t visit(hid_t root, const std::string& name, H5O_type_t type) noexcept {
        try {
            const std::string path = name == "." ? "" : name;
            // The optimizer's state is as large as the weights, twice.
            if (path.starts_with("optimizer")) return 0;
            const Handle object(H5Oopen(root, name.c_str(), H5P_DEFAULT), H5Oclose);
            if (!object.valid()) corrupt(fmt::format("'{}' cannot be opened", base::printable(path)));
            if (type == H5O_TYPE_DATASET) take_array(object, path);
            if (type == H5O_TYPE_GROUP) {
                for (const char* attribute : {"name", "weight_names", "model_config"})
                    take_texts(object, path, attribute);
            }
            return 0;
        } catch (...) {
            error_ = std::current_exception();
            return -1;
        }
    }

    void take_array(hid_t dataset, const std::string& path) {
        const Handle space(H5Dget_space(dataset), H5Sclose);
        const Handle type(H5Dget_type(dataset), H5Tclose);
        const Handle creation(H5Dget_create_plist(dataset), H5Pclose);
        if (!space.valid() || !type.valid() || !creation.valid()) corrupt("the head of an array is damaged");
        const H5T_class_t kind = H5Tget_class(type);
        if (kind != H5T_FLOAT && kind != H5T_INTEGER) return;  // a seed, a vocabulary
        if (H5Pget_external_count(creation) > 0 || H5Pget_layout(creation) == H5D_VIRTUAL)
            refuse(path, "is in another file");
        Array array;
        const int rank = H5Sget_simple_extent_ndims(space);
        std::vector<hsize_t> dims(static_cast<std::size_t>(std::max(rank, 0)));
        if (rank < 0 || (rank > 0 && H5Sget_simple_extent_dims(space, dims.data(), nullptr) < 0))
            corrupt("the head of an array is damaged");
        std::uint64_t count = 1;
        for (const hsize_t dim : dims) {
            if (dim == 0 || dim > kMaxArrayBytes / sizeof(float) / count) limit(path);
            count *= dim;
            array.shape.push_back(static_cast<std::int64_t>(dim));
        }
        // Nothing is allocated that the file has not paid for; deflate cannot pack more tightly than this.
        constexpr std::uint64_t kMaxRatio = 1040;
        const bool packed = H5Pget_layout(creation) == H5D_CHUNKED && H5Pget_nfilters(creation) > 0;
        const std::uint64_t wanted = count * H5Tget_size(type);
        const std::uint64_t stored = H5Dget_storage_size(dataset);
        if (stored > image_.size() || wanted / (packed ? kMaxRatio : 1) > stored)
            corrupt(fmt::format("the values of '{}' are missing", base::printable(path)));
        array.values.resize(static_cast<std::size_t>(count));
        if (H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.values.data()) < 0)
            corrupt(fmt::format("the values of '{}' cannot be read", base::printable(path)));
        into_.take(path, array);
    }

    void take_texts(hid_t object, const std::string& path, const char* name) {
        if (H5Aexists(object, name) <= 0) return;
        const Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
        const Handle type(H5Aget_type(attribute), H5Tclose);
        const Handle space(H5Aget_space(attribute), H5Sclose);
        if (!attribute.valid() || !type.valid() || !space.valid()) corrupt("an attribute is damaged");
        if (H5Tget_class(type) != H5T_STRING) return;  // an empty list has numbers as its type
        const hssize_t count = H5Sget_simple_extent_npoints(space);
        if (count < 0) corrupt("an attribute is damaged");
        if (static_cast<hsize_t>(count) > kMaxTexts) limit(path);
        std::vector<std::string> texts;
        if (count > 0 && H5Tis_variable_str(type) > 0) {
            std::vector<char*> pointers(static_cast<std::size_t>(count), nullptr);
            if (H5Aread(attribute, type, pointers.data()) < 0) corrupt("an attribute is damaged");
            std::size_t bytes = 0;
            for (const char* text : pointers) {
                const std::string_view each = text == nullptr ? "" : text;
                if (each.size() > kMaxTextBytes - bytes) limit(path);
                bytes += each.size();
                texts.emplace_back(each);
            }
            H5Dvlen_reclaim(type, space, H5P_DEFAULT, pointers.data());
        } else if (count > 0) {
            texts = fixed_texts(attribute, type, static_cast<std::size_t>(count), path);
        }
        into_.take(path + "@" + name, texts);
    }

    std::vector<std::string> fixed_texts(hid_t attribute, hid_t type, std::size_t count, const std::string& path) {
        const std::size_t each = H5Tget_size(type);
        if (each == 0 || each > kMaxTextBytes / count) limit(path);
        std::string all(each * count, '\0');
        if (H5Aread(attribute, type, all.data()) < 0) corrupt("an attribute is damaged");
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < count; ++i) {
            std::string text = all.substr(i * each, each);
            text.resize(std::min(text.find('\0'), text.size()));
            texts.push_back(std::move(text));
        }
        return texts;
    }

    std::span<const std::byte> image_;
    const std::string& file_;
    Hdf5Sink& into_;
    std::exception_ptr error_;
};

}  // namespace

extern "C" __attribute__((visibility("default"))) void yolovino_read_hdf5(std::span<const std::byte> image,
                                                                          const std::string& file, Hdf5Sink& into) {
    Reader(image, file, into).run();
}

}  // namespace yolovino::imports

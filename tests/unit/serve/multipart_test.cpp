#include "serve/predict/multipart.hpp"

#include <gtest/gtest.h>
#include <string>

#include "yolovino/error.hpp"

namespace yolovino::serve {
namespace {

ErrorCode code_of(const std::string& body, const std::string& boundary = "b") {
    try {
        static_cast<void>(parse_multipart(body, boundary));
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << "was taken: " << body;
    return ErrorCode::MissingComponent;
}

std::string part(const std::string& headers, const std::string& body) {
    return "--b\r\n" + headers + "\r\n\r\n" + body + "\r\n";
}

const std::string kFile = "Content-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"";

TEST(ServeMultipart, FilesAndFieldsAreFoundInTheirOrder) {
    const std::string body = "preamble\r\n" + part(kFile + "\r\nContent-Type: Image/JPEG; x=1", "\xff\xd8\r\n--bc") +
                             part("content-disposition: form-data; name=conf", "0.5") + "--b--\r\nepilogue";
    const auto parts = parse_multipart(body, "b");
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].name, "file");
    EXPECT_EQ(parts[0].filename, "a.jpg");
    EXPECT_EQ(parts[0].content_type, "image/jpeg");
    EXPECT_EQ(parts[0].body, "\xff\xd8\r\n--bc") << "only a whole line is a boundary";
    EXPECT_EQ(parts[1].name, "conf");
    EXPECT_FALSE(parts[1].filename);
    EXPECT_EQ(parts[1].body, "0.5");
}

TEST(ServeMultipart, NamesOfFilesAreReadAsClientsWriteThem) {
    const struct {
        const char* written;
        const char* read;
    } rows[] = {{"filename=\"a b.jpg\"", "a b.jpg"},
                {"filename=\"a\\\"b.jpg\"", "a\"b.jpg"},
                {"filename=\"C:\\dir\\a.jpg\"", "C:\\dir\\a.jpg"},
                {"filename=\"x;y=z.jpg\"", "x;y=z.jpg"},
                {"filename=plain.jpg", "plain.jpg"},
                {"filename=\"?\"; filename*=UTF-8''%C3%A4.jpg", "ä.jpg"},
                {"filename*=utf-8''%C3%A4.jpg; filename=\"?\"", "ä.jpg"},
                {"filename=\"\"", ""}};
    for (const auto& row : rows) {
        const std::string body =
            part(std::string("Content-Disposition: form-data; name=\"file\"; ") + row.written, "x") + "--b--";
        EXPECT_EQ(parse_multipart(body, "b").at(0).filename, row.read) << row.written;
    }
}

TEST(ServeMultipart, AnEmptyPartAndAnEmptyFormAreTaken) {
    EXPECT_EQ(parse_multipart(part(kFile, "") + "--b--", "b").at(0).body, "");
    EXPECT_TRUE(parse_multipart("--b--", "b").empty());
}

TEST(ServeMultipart, BrokenFormsAreRefused) {
    const std::string rows[] = {
        "",
        "text",
        "--b",
        part(kFile, "x"),                                 // no end
        part("Content-Type: image/jpeg", "x") + "--b--",  // no disposition
        part(kFile + "\r\n" + kFile, "x") + "--b--",      // two of them
        part("Content-Disposition: attachment; name=x", "x") + "--b--",
        part("Content-Disposition: form-data", "x") + "--b--",  // no name
        part("Content-Disposition: form-data; name=\"x", "x") + "--b--",
        part("Content-Disposition: form-data; name", "x") + "--b--",
        part("Content-Disposition: form-data x; name=y", "x") + "--b--",
        part("no colon", "x") + "--b--",
        part(kFile + "\r\nContent-Transfer-Encoding: base64", "x") + "--b--",
        part(kFile + "; filename*=latin1''x", "x") + "--b--",
        part(kFile + "; filename*=UTF-8''%x", "x") + "--b--",
    };
    for (const std::string& body : rows) EXPECT_EQ(code_of(body), ErrorCode::CorruptFile) << body;
}

TEST(ServeMultipart, LimitsOfPartsAndHeadersAreKept) {
    std::string body;
    for (std::size_t i = 0; i < kMostParts; ++i) body += part(kFile, "x");
    EXPECT_EQ(parse_multipart(body + "--b--", "b").size(), kMostParts);
    EXPECT_EQ(code_of(body + part(kFile, "x") + "--b--"), ErrorCode::LimitExceeded);
    const std::string long_header = "X: " + std::string(kMostPartHeaderBytes, 'x');
    EXPECT_EQ(code_of(part(kFile + "\r\n" + long_header, "x") + "--b--"), ErrorCode::LimitExceeded);
    EXPECT_EQ(code_of("--b\r\n" + kFile), ErrorCode::LimitExceeded) << "headers without an end";
}

TEST(ServeMultipart, BoundariesAreThoseOfRfc2046) {
    EXPECT_EQ(boundary_of("multipart/form-data; boundary=abc"), "abc");
    EXPECT_EQ(boundary_of("Multipart/Form-Data; charset=utf-8; Boundary=\"a b:c\""), "a b:c");
    EXPECT_EQ(boundary_of("image/jpeg"), std::nullopt);
    EXPECT_EQ(boundary_of(""), std::nullopt);
    EXPECT_EQ(boundary_of("multipart/form-data; boundary=" + std::string(70, 'x')), std::string(70, 'x'));
    for (const std::string& type :
         {std::string("multipart/form-data"), std::string("multipart/form-data; boundary="),
          std::string("multipart/form-data; boundary=\"a\"b"), "multipart/form-data; boundary=" + std::string(71, 'x'),
          std::string("multipart/form-data; boundary=\"a \""), std::string("multipart/form-data; boundary=a*b")}) {
        EXPECT_THROW(static_cast<void>(boundary_of(type)), Error) << type;
    }
}

}  // namespace
}  // namespace yolovino::serve

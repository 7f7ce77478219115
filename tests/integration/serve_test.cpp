#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "support/command.hpp"
#include "support/http_client.hpp"
#include "support/server_process.hpp"

/// The server as users run it.
namespace yolovino {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::content;
using test::http;
using test::http_request;
using test::HttpAnswer;
using test::HttpClient;
using test::ServerProcess;

const std::string kSample = YOLOVINO_SOURCE_DIR "/assets/sample/";
const std::string kModel = kSample + "yolov8-shapes.pt";
const std::string kImage = kSample + "shapes-val/images/val/0004.jpg";
const std::vector<std::string> kOnCpuF32 = {"runtime=openvino", "device=cpu", "precision=f32", "cache_dir=None"};

std::vector<std::string> serve(const std::string& model, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"model=" + model};
    arguments.insert(arguments.end(), kOnCpuF32.begin(), kOnCpuF32.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

std::string form(const std::string& name, const std::string& filename, const std::string& body) {
    const std::string file = filename.empty() ? "" : "; filename=\"" + filename + "\"";
    return "--xx\r\nContent-Disposition: form-data; name=\"" + name + "\"" + file + "\r\n\r\n" + body + "\r\n";
}

HttpAnswer post_form(unsigned short port, const std::string& target, const std::string& parts) {
    return http(
        port, http_request("POST", target, parts + "--xx--\r\n", "Content-Type: multipart/form-data; boundary=xx\r\n"));
}

/// What differs between two runs: the name of the image, and times.
std::string without_path_and_speed(const std::string& line) {
    static const std::regex path(R"re("path":"[^"]*",)re");
    static const std::regex speed(R"re(,"speed":\{[^}]*\})re");
    return std::regex_replace(std::regex_replace(line, path, ""), speed, "");
}

class ServeCommand : public test::Command {};

class ServeTask : public test::Command, public testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(ServeTask, CheckpointOnOpenVinoCpuF32AnswersTheLineOfPredict) {
    const std::string model = kSample + GetParam().first;
    const std::string folder_of_images = kSample + GetParam().second;
    std::vector<std::filesystem::path> images;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_of_images)) {
        const std::string suffix = entry.path().extension().string();
        if ((suffix == ".jpg" || suffix == ".png") && images.size() < 6) images.push_back(entry.path());
    }
    ASSERT_GE(images.size(), 2U);
    const ServerProcess server(serve(model));
    for (const auto& image : images) {
        const test::Outcome predicted = yolo("predict model='" + model + "' source='" + image.string() +
                                             "' save=False save_json=True runtime=openvino device=cpu precision=f32 "
                                             "cache_dir=None");
        ASSERT_EQ(predicted.status, 0) << predicted.err;
        const HttpAnswer answer = http(server.port(), http_request("POST", "/predict", content(image)));
        ASSERT_EQ(answer.status, 200U) << answer.body;
        EXPECT_EQ(without_path_and_speed(answer.body), without_path_and_speed(predicted.out)) << image;
        EXPECT_NE(answer.body.find("\"path\":\"image0.jpg\""), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(Samples, ServeTask,
                         testing::Values(std::pair("yolov8-shapes.pt", "shapes-val/images/val"),
                                         std::pair("yolov8-shapes-seg.pt", "shapes-val-seg/images/val"),
                                         std::pair("yolov8-shapes-pose.pt", "shapes-val-pose/images/val"),
                                         std::pair("yolov8-shapes-obb.pt", "shapes-val-obb/images/val"),
                                         std::pair("yolov8-shapes-cls.pt", "shapes-val-cls/val")),
                         [](const auto& each) {
                             std::string name = each.param.first;
                             name = name.substr(0, name.find('.'));
                             std::erase_if(name, [](char c) { return c == '-'; });
                             return name;
                         });

TEST_F(ServeCommand, FormsOptionsAndOtherAnswersOnOpenVinoCpuF32) {
    const ServerProcess server(serve(kModel));
    const std::string image = content(kImage);
    const auto objects = [](const HttpAnswer& answer) { return json::parse(answer.body).at("detections").size(); };

    const HttpAnswer one = post_form(server.port(), "/predict", form("file", "a b.jpg", image));
    EXPECT_EQ(json::parse(one.body).at("path"), "a b.jpg");
    EXPECT_EQ(one.headers.at("yolovino-model"), "yolov8-shapes");
    EXPECT_EQ(one.headers.at("yolovino-generation"), "1");
    EXPECT_EQ(one.headers.at("yolovino-sha256").size(), 64U);
    EXPECT_TRUE(
        std::regex_match(one.headers.at("server-timing"),
                         std::regex(R"(queue;dur=[\d.]+, decode;dur=[\d.]+, infer;dur=[\d.]+, post;dur=[\d.]+)")));
    ASSERT_EQ(objects(one), 8U);
    EXPECT_EQ(
        objects(post_form(server.port(), "/predict?conf=0.5", form("image", "x", image) + form("conf", "", "0.9"))), 4U)
        << "the form wins over the query";
    EXPECT_EQ(objects(http(server.port(), http_request("POST", "/predict?classes=0,2&max_det=2", image))), 2U);

    const json list =
        json::parse(post_form(server.port(), "/predict",
                              form("file", "a", image) + form("file", "b", "broken") + form("file", "", image))
                        .body);
    ASSERT_EQ(list.size(), 3U);
    EXPECT_EQ(list[0].at("detections").size(), 8U);
    EXPECT_EQ(list[1].at("path"), "b");
    EXPECT_NE(list[1].at("error").get<std::string>().find("not an image"), std::string::npos);
    EXPECT_EQ(list[2].at("path"), "image2.jpg");

    const HttpAnswer csv = http(server.port(), http_request("POST", "/predict", image, "Accept: text/csv\r\n"));
    EXPECT_TRUE(csv.body.starts_with("path,name,class,confidence,x1,y1,x2,y2\r\nimage0.jpg,star,3,0.94")) << csv.body;
    EXPECT_EQ(std::ranges::count(csv.body, '\n'), 9);
}

TEST_F(ServeCommand, TheAnnotatedImageOnOpenVinoCpuF32IsThatOfPredict) {
    const ServerProcess server(serve(kModel));
    const HttpAnswer answer =
        http(server.port(), http_request("POST", "/predict", content(kImage), "Accept: image/jpeg\r\n"));
    EXPECT_EQ(answer.headers.at("content-type"), "image/jpeg");
    const test::Outcome predicted =
        yolo("predict model='" + kModel + "' source='" + kImage + "' project='" + folder.path().string() +
             "' name=out runtime=openvino device=cpu precision=f32 cache_dir=None");
    ASSERT_EQ(predicted.status, 0) << predicted.err;
    const std::string saved = content(folder.path() / "out/0004.jpg");
    ASSERT_FALSE(saved.empty()) << predicted.out;
    EXPECT_TRUE(answer.body == saved) << answer.body.size() << " and " << saved.size() << " bytes";
}

TEST_F(ServeCommand, DeepStackClientsAreAnsweredOnOpenVinoCpuF32) {
    const ServerProcess server(serve(kModel));
    const json answer = json::parse(
        post_form(server.port(), "/v1/vision/detection",
                  form("image", "x.jpg", content(kImage)) + form("min_confidence", "", "0.9") + form("api_key", "", ""))
            .body);
    EXPECT_TRUE(answer.at("success"));
    ASSERT_EQ(answer.at("predictions").size(), 4U);
    const json& first = answer.at("predictions")[0];
    EXPECT_EQ(first.at("label"), "star");
    EXPECT_EQ(first.at("x_min"), 90);
    EXPECT_EQ(first.at("y_max"), 117);
    const HttpAnswer broken = post_form(server.port(), "/v1/vision/detection", form("image", "x.jpg", "broken"));
    EXPECT_EQ(broken.status, 400U);
    EXPECT_FALSE(json::parse(broken.body).at("success"));
}

TEST_F(ServeCommand, WrongRequestsAreAnsweredInOneLineOnOpenVinoCpuF32) {
    const ServerProcess server(serve(kModel, {"max_body=0.1"}));
    const std::string image = content(kImage);
    const struct {
        unsigned status;
        std::string request;
        std::string words;
    } rows[] = {
        {400, http_request("POST", "/predict", "no image"), "not an image"},
        {400, http_request("POST", "/predict", image.substr(0, image.size() / 2)), "truncated"},
        {400, http_request("POST", "/predict"), "no image"},
        {400, http_request("POST", "/predict?conf=2", image), "'conf=2' is out of range"},
        {400, http_request("POST", "/predict?confi=1", image), "known: imgsz, conf"},
        {400, http_request("POST", "/predict?device=GPU", image), "not one of a request"},
        {400, http_request("POST", "/predict", "x", "Content-Type: multipart/form-data\r\n"), "no boundary"},
        {400, http_request("POST", "/predict", "x", "Content-Encoding: gzip\r\n"), "gzip"},
        {404, http_request("POST", "/predict?model=other", image), "there are: yolov8-shapes"},
        {404, http_request("GET", "/nothing"), "nothing at this path"},
        {405, http_request("GET", "/predict"), "takes POST"},
        {405, http_request("DELETE", "/metrics"), "takes GET"},
        {406, http_request("POST", "/predict", image, "Accept: text/html\r\n"), "Accept"},
        {403, http_request("POST", "/predict", image, "Origin: http://evil.example\r\n"), "another origin"},
        {413, http_request("POST", "/predict", std::string(100'001, 'x')), "max_body"},
        {415, http_request("POST", "/predict", image, "Content-Encoding: br\r\n"), "gzip or deflate"},
    };
    for (const auto& row : rows) {
        const HttpAnswer answer = http(server.port(), row.request);
        EXPECT_EQ(answer.status, row.status) << row.words << ": " << answer.body;
        EXPECT_EQ(answer.headers.at("content-type"), "application/json");
        EXPECT_EQ(answer.headers.contains("allow"), row.status == 405U);
        const auto error = json::parse(answer.body).at("error").get<std::string>();
        EXPECT_NE(error.find(row.words), std::string::npos) << error;
        EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
    EXPECT_EQ(http(server.port(), http_request("POST", "/predict", image)).status, 200U) << "it still answers";
}

TEST_F(ServeCommand, SeveralModelsOnOpenVinoCpuF32AreServedByName) {
    const ServerProcess server(serve(kModel + ",second=" + kSample + "yolov8-shapes-obb.pt"));
    const std::string image = content(kImage);
    EXPECT_EQ(http(server.port(), http_request("POST", "/predict", image)).headers.at("yolovino-model"),
              "yolov8-shapes");
    const HttpAnswer other = http(server.port(), http_request("POST", "/predict?model=second", image));
    EXPECT_EQ(other.headers.at("yolovino-model"), "second");
    EXPECT_NE(other.body.find("\"x4\""), std::string::npos) << "rotated boxes";
}

TEST_F(ServeCommand, HealthMetricsAndTheAccessLogOnOpenVinoCpuF32) {
    const test::TempFolder log;
    const ServerProcess server(serve(kModel, {"access_log=" + (log.path() / "access.jsonl").string()}));
    for (const std::string state : {"live", "ready"}) {
        const HttpAnswer answer = http(server.port(), http_request("GET", "/v2/health/" + state));
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(answer.body, "{\"" + state + "\":true}");
    }
    const std::string trace = "0af7651916cd43dd8448eb211c80319c";
    EXPECT_EQ(http(server.port(), http_request("POST", "/predict", content(kImage),
                                               "traceparent: 00-" + trace + "-b7ad6b7169203331-01\r\n"))
                  .status,
              200U);
    const std::string metrics = http(server.port(), http_request("GET", "/metrics")).body;
    for (const char* line :
         {"yolovino_requests_total{api=\"predict\",code=\"200\",model=\"yolov8-shapes\",version=\"1\"} 1\n",
          "yolovino_detections_total{class=\"star\",model=\"yolov8-shapes\"} ",
          "yolovino_model_loaded{generation=\"1\",model=\"yolov8-shapes\",sha256=\"", "yolovino_queue_length 0\n",
          "yolovino_inference_seconds_count{model=\"yolov8-shapes\"} 1\n",
          "yolovino_queue_seconds_bucket{le=\"+Inf\"} 1\n", "process_resident_memory_bytes "})
        EXPECT_NE(metrics.find(line), std::string::npos) << line << metrics;
    std::string lines;
    for (int i = 0; i < 1000 && std::ranges::count(lines, '\n') < 4; ++i) {
        lines = content(log.path() / "access.jsonl");
        std::this_thread::sleep_for(10ms);
    }
    std::istringstream all(lines);
    std::string line;
    for (int i = 0; i < 3; ++i) std::getline(all, line);
    const json logged = json::parse(line);
    EXPECT_EQ(logged.at("path"), "/predict");
    EXPECT_EQ(logged.at("status"), 200);
    EXPECT_EQ(logged.at("model"), "yolov8-shapes");
    EXPECT_EQ(logged.at("trace_id"), trace);
}

TEST_F(ServeCommand, ATokenIsWantedForAllButHealthOnOpenVinoCpuF32) {
    const test::TempFolder secret;
    std::ofstream(secret.path() / "token") << "s3cret\n";
    const ServerProcess server(serve(kModel, {"token=" + (secret.path() / "token").string()}));
    const std::string image = content(kImage);
    const HttpAnswer refused = http(server.port(), http_request("POST", "/predict", image));
    EXPECT_EQ(refused.status, 401U);
    EXPECT_EQ(refused.headers.at("www-authenticate"), "Bearer");
    EXPECT_EQ(http(server.port(), http_request("GET", "/metrics")).status, 401U);
    EXPECT_EQ(http(server.port(), http_request("POST", "/predict", image, "Authorization: Bearer wrong\r\n")).status,
              401U);
    EXPECT_EQ(http(server.port(), http_request("POST", "/predict", image, "Authorization: Bearer s3cret\r\n")).status,
              200U);
    EXPECT_EQ(http(server.port(), http_request("GET", "/v2/health/ready")).status, 200U);
}

TEST_F(ServeCommand, TlsAndItsProbeOnOpenVinoCpuF32) {
    if (std::system("command -v openssl >/dev/null && command -v curl >/dev/null") != 0)
        GTEST_SKIP() << "openssl and curl are not installed";
    const std::string cert = (folder.path() / "cert.pem").string();
    const std::string key = (folder.path() / "key.pem").string();
    ASSERT_EQ(std::system(("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout '" + key +
                           "' -out '" + cert + "' 2>/dev/null")
                              .c_str()),
              0);
    const ServerProcess server(serve(kModel, {"cert=" + cert, "key=" + key}));
    const std::string port = std::to_string(server.port());
    const std::string answer = (folder.path() / "answer.json").string();
    ASSERT_EQ(std::system(("curl -s --fail --cacert '" + cert + "' --data-binary '@" + kImage +
                           "' https://localhost:" + port + "/predict -o '" + answer + "'")
                              .c_str()),
              0);
    EXPECT_EQ(json::parse(content(answer)).at("detections").size(), 8U);
    EXPECT_EQ(yolo("serve probe=True port=" + port + " cert='" + cert + "'").status, 0);
    EXPECT_EQ(http(server.port(), http_request("GET", "/")).status, 0U) << "plain text is no TLS";
    expect_failure("serve model='" + kModel + "' port=0 cert='" + key + "'", 2, "certificate");
    expect_failure("serve model='" + kModel + "' port=0 cert='" + cert + "' key='" + cert + "'", 2, "private key");
}

TEST_F(ServeCommand, SigtermAnswersRunningRequestsAndEndsWithStatus143OnOpenVinoCpuF32) {
    ServerProcess server(serve(kModel, {"drain=1"}));
    const std::string image = content(kImage);
    HttpClient idle(server.port());
    HttpClient begun(server.port());
    const std::string request = http_request("POST", "/predict", image);
    begun.send(request.substr(0, request.size() - 10));
    server.signal(SIGTERM);
    unsigned ready = 200;
    for (int i = 0; i < 1000 && ready == 200; ++i) {
        std::this_thread::sleep_for(1ms);
        ready = http(server.port(), http_request("GET", "/v2/health/ready")).status;
    }
    EXPECT_EQ(ready, 503U) << "it says so before it stops";
    EXPECT_EQ(http(server.port(), request).status, 200U) << "and still answers";
    EXPECT_TRUE(idle.closes_within(20s));
    begun.send(request.substr(request.size() - 10));
    EXPECT_EQ(begun.receive().status, 200U);
    EXPECT_EQ(server.wait(), 143);
}

TEST_F(ServeCommand, CtrlCEndsAtOnceWithStatus130OnOpenVinoCpuF32) {
    ServerProcess server(serve(kModel, {"drain=3600"}));
    server.signal(SIGINT);
    EXPECT_EQ(server.wait(), 130);
    EXPECT_EQ(server.err(), "");
}

TEST_F(ServeCommand, TheProbeSaysWhetherAServerIsReadyOnOpenVinoCpuF32) {
    ServerProcess server(serve(kModel, {"drain=0"}));
    const std::string port = std::to_string(server.port());
    EXPECT_EQ(yolo("serve probe port=" + port).status, 0);
    EXPECT_EQ(yolo("serve --probe host=0.0.0.0 port=" + port).status, 0);
    server.signal(SIGTERM);
    server.wait();
    expect_failure("serve probe port=" + port, 1, "not ready: Connection refused");
}

TEST_F(ServeCommand, WhatCannotBeServedEndsInOneLine) {
    const ServerProcess server(serve(kModel));
    const std::string model = "serve model='" + kModel + "' ";
    expect_failure(model + "port=" + std::to_string(server.port()), 1, "in use; another program listens there");
    expect_failure(model + "port=0 host=no.such.host.invalid", 1, "cannot listen on no.such.host.invalid");
    expect_failure(model + "port=70000", 2, "'port=70000' is out of range");
    expect_failure("serve", 2, "'model' argument is missing");
    expect_failure("serve port=0 model=nothing.pt", 1, "nothing.pt");
    expect_failure("serve port=0 model='" + kModel + "," + kModel + "'", 2, "two models are called 'yolov8-shapes'");
    expect_failure(model + "port=0 token=nothing.txt", 1, "nothing.txt");
    expect_failure(model + "port=0 access_log=/nonexistent/log", 1, "access log");
    expect_failure(model + "port=0 int8=True", 2, "needs an 8-bit model");
}

TEST_F(ServeCommand, AHostThatOthersReachIsSaidInOneLineOnOpenVinoCpuF32) {
    const ServerProcess server(serve(kModel, {"host=0.0.0.0"}));
    EXPECT_NE(server.err().find("every machine that reaches 0.0.0.0"), std::string::npos) << server.err();
    EXPECT_EQ(std::ranges::count(server.err(), '\n'), 1);
    EXPECT_EQ(http(server.port(), http_request("GET", "/v2/health/live")).status, 200U);
}

TEST_F(ServeCommand, TooManyRequestsAreRefusedWith503OnOpenVinoCpuF32) {
    const ServerProcess server(serve(kModel, {"queue=1", "imgsz=640"}));
    const std::string request = http_request("POST", "/predict", content(kImage));
    std::vector<std::unique_ptr<HttpClient>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<HttpClient>(server.port()));
        clients.back()->send(request);
    }
    int answered = 0;
    int refused = 0;
    for (const auto& client : clients) {
        const HttpAnswer answer = client->receive();
        if (answer.status == 503U) {
            EXPECT_GE(std::stoi(answer.headers.at("retry-after")), 1);
        }
        ++(answer.status == 503U ? refused : answered);
        EXPECT_TRUE(answer.status == 200U || answer.status == 503U) << answer.status;
    }
    EXPECT_GE(answered, 2);
    EXPECT_GE(refused, 1);
}

}  // namespace
}  // namespace yolovino

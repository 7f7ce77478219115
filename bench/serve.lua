-- For wrk: posts the photos of the folder PHOTOS one after the other, and notes what the server says of its own time.
-- With DELAY_MS each connection waits so long before a request.
local bodies = {}
local at = 0
answered, refused, other = 0, 0, 0
work_ms = ""

local function photos()
    local list = io.popen('find -L "' .. os.getenv("PHOTOS") .. '" -name "*.jpg" | sort')
    for name in list:lines() do
        local file = io.open(name, "rb")
        bodies[#bodies + 1] = file:read("*a")
        file:close()
    end
    list:close()
end

function setup(thread)
    the_thread = thread
end

function init(args)
    photos()
    requests = {}
    for i, body in ipairs(bodies) do
        requests[i] = wrk.format("POST", "/predict", { ["Content-Type"] = "image/jpeg" }, body)
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end

if os.getenv("DELAY_MS") then
    function delay()
        -- Not all at the same time.
        return math.floor(tonumber(os.getenv("DELAY_MS")) * (0.5 + math.random()))
    end
end

function response(status, headers, body)
    if status == 200 then
        answered = answered + 1
        local sum = 0
        for name, ms in (headers["Server-Timing"] or ""):gmatch("(%w+);dur=([%d.]+)") do
            if name ~= "queue" then sum = sum + tonumber(ms) end
        end
        work_ms = work_ms .. sum .. "\n"
    elseif status == 503 then
        refused = refused + 1
    else
        other = other + 1
    end
end

function done(summary, latency, requests)
    local sums = {}
    for ms in the_thread:get("work_ms"):gmatch("[^\n]+") do sums[#sums + 1] = tonumber(ms) end
    table.sort(sums)
    local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    io.write(string.format("result seconds %.3f answered %d refused %d other %d errors %d p50_ms %.3f p99_ms %.3f work_p50_ms %.3f\n",
        summary.duration / 1e6, the_thread:get("answered"), the_thread:get("refused"), the_thread:get("other"), errors,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000, sums[math.floor((#sums + 1) / 2)] or 0))
end

using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Im.Client;
using Im.WebApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Contacts.Tests;

/// <summary>The sample's node in this process, on a loopback port of its own, with everything that it logs.</summary>
public sealed class ContactsNode : ILoggerProvider, IAsyncLifetime
{
    private const int StoreUnavailable = 50300;

    private readonly string _folder = Directory.CreateTempSubdirectory("contacts-").FullName;
    private readonly ConcurrentQueue<string> _lines = new();
    private WebApplication? _app;

    public Uri Address => new(_app!.Urls.Single());

    /// <summary>At every level: what is logged at all could be switched on by somebody.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    public T Service<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        string[] settings =
        [
            "--Urls=http://127.0.0.1:0",
            "--environment=Production",
            $"--contentRoot={AppContext.BaseDirectory}",
            $"--Accounts:Database={Path.Combine(_folder, "accounts.db")}",
            $"--Contacts:Database={Path.Combine(_folder, "contacts.db")}",
            "--Limits:LoginsPerMinute=0",
        ];
        _app = Node.Build(settings, builder => builder.Logging.ClearProviders().AddProvider(this).AddFilter<ContactsNode>(null, LogLevel.Trace), typeof(ContactsOnlyPolicy).Assembly);
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A new user, signed in.</summary>
    public Task<ImClient> RegisterAsync()
    {
        var name = $"user{Guid.NewGuid():N}";
        return ImClient.RegisterAsync(new ImClientOptions { Server = Address, RequestTimeout = TimeSpan.FromMinutes(1) }, name, $"{name}@example.com", "correct horse battery staple", TestContext.Current.CancellationToken);
    }

    /// <summary>The two have each other as contacts.</summary>
    public async Task BefriendAsync(ImClient one, ImClient other)
    {
        Assert.Equal(0, (await AddAsync(one, other.UserId)).Code);
        Assert.Equal(0, (await AddAsync(other, one.UserId)).Code);
    }

    public Task<(int Code, JsonElement Body)> AddAsync(ImClient? user, object? contact) =>
        CallAsync(user, HttpMethod.Post, "/im/contacts", new { to_user_id = contact });

    /// <summary>Calls, and again where the store was late, as it may be on a busy machine.</summary>
    public async Task<(int Code, JsonElement Body)> CallAsync(ImClient? user, HttpMethod method, string path, object? body = null, bool upgrades = false)
    {
        var until = DateTime.UtcNow + TimeSpan.FromSeconds(15);
        while (true)
        {
            var answer = await CallOnceAsync(user, method, path, body, upgrades);
            if (answer.Code != StoreUnavailable || DateTime.UtcNow > until)
            {
                return answer;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The code with which this user's websocket to a peer is refused.</summary>
    public async Task<int> RefusalAsync(ImClient user, ImClient peer) =>
        (await CallAsync(user, HttpMethod.Get, $"/im/ws?to_user_id={peer.UserId}", upgrades: true)).Code;

    private async Task<(int Code, JsonElement Body)> CallOnceAsync(ImClient? user, HttpMethod method, string path, object? fields, bool upgrades)
    {
        using var http = new HttpClient { BaseAddress = Address };
        using var request = new HttpRequestMessage(method, path) { Content = fields is null ? null : JsonContent.Create(fields) };
        if (user is not null)
        {
            request.Headers.Authorization = new("Bearer", user.Account.Token);
        }

        if (upgrades)
        {
            request.Headers.Connection.Add("Upgrade");
            request.Headers.Upgrade.Add(new("websocket"));
            request.Headers.Add("Sec-WebSocket-Version", "13");
            request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        }

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return (body.GetProperty("code").GetInt32(), body);
    }

    public ILogger CreateLogger(string categoryName) => new Logger(_lines);

    public void Dispose()
    {
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Logger(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{formatter(state, exception)} {exception}");
    }
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Im.IntegrationTests.Harness;

/// <summary>One line that a node logged, with its exception, its scopes and every value it was formatted from.</summary>
public sealed record LogLine(string Category, LogLevel Level, EventId Id, string Text);

/// <summary>Everything a node logs, at the lowest level: what is logged at all could be switched on by somebody.</summary>
public sealed class LogCapture : ILoggerProvider, ISupportExternalScope
{
    private const int MaxLines = 200_000;
    private readonly ConcurrentQueue<LogLine> _lines = new();
    private IExternalScopeProvider? _scopes;

    public IReadOnlyCollection<LogLine> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private void Add(LogLine line)
    {
        _lines.Enqueue(line);
        while (_lines.Count > MaxLines)
        {
            _lines.TryDequeue(out _);
        }
    }

    private sealed class Logger(LogCapture owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => owner._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            List<string> parts = [formatter(state, exception), $"{exception}"];
            Describe(state, parts);
            owner._scopes?.ForEachScope(Describe, parts);
            owner.Add(new LogLine(category, logLevel, eventId, string.Join('\n', parts)));
        }

        private static void Describe(object? state, List<string> parts) => parts.Add(state is IEnumerable<KeyValuePair<string, object?>> values
            ? string.Join('\n', values.Select(value => $"{value.Key}={value.Value}"))
            : $"{state}");
    }
}

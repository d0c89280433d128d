namespace Im.WebApi.Composition;

/// <summary>In Production each log line is one JSON object, for the programs that read it there.</summary>
internal static class JsonLogs
{
    private const string Formatter = "Logging:Console:FormatterName";

    /// <summary>Who has set a formatter is obeyed.</summary>
    internal static void AddJsonLogs(this WebApplicationBuilder builder)
    {
        if (builder.Environment.IsProduction() && string.IsNullOrEmpty(builder.Configuration[Formatter]))
        {
            builder.Logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        }
    }
}

using System.Net.Sockets;
using Im.Infrastructure;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Im.WebApi.Composition;

/// <summary>What an operator is told of a start that failed.</summary>
internal static class StartupFault
{
    /// <summary>One sentence; null for what is no mistake of the operator's but a bug.</summary>
    internal static string? SentenceOf(Exception fault) => fault switch
    {
        OptionsValidationException options => options.Failures.First().ReplaceLineEndings(" "),
        AggregateException { InnerExceptions.Count: > 0 } several => SentenceOf(several.InnerExceptions[0]),
        StartupException => fault.Message,
        IOException { InnerException: AddressInUseException } => $"The setting Urls cannot be served: {fault.Message}",
        SocketException or AddressInUseException => $"The setting Urls cannot be served: {fault.Message}",
        // An https address without a certificate, an address with a path: the server's own first sentence says it.
        InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" } =>
            $"The setting Urls cannot be served: {fault.Message.Split(". ")[0].ReplaceLineEndings(" ").TrimEnd('.')}.",
        ArgumentOutOfRangeException { ParamName: "port" } => "The setting Urls names a port beyond 65535.",
        FormatException { Source: "Microsoft.AspNetCore.Http" } => $"The setting Urls is malformed: {fault.Message}",
        FormatException => $"A setting is malformed: {fault.Message}",
        _ => null,
    };
}

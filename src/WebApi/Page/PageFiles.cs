using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Im.WebApi.Page;

/// <summary>A file of the page.</summary>
/// <param name="Path">Where it is served.</param>
/// <param name="Body">What the build found.</param>
/// <param name="ContentType">By its extension.</param>
/// <param name="Tag">Changes with the body: a browser asks each time, and fetches only what is new.</param>
internal sealed record PageFile(string Path, byte[] Body, string ContentType, EntityTagHeaderValue Tag);

/// <summary>The page's files. They are in the assembly, so that they are there from whatever folder the node was started.</summary>
internal static class PageFiles
{
    private const string Prefix = "web/";
    private const string Index = "index.html";

    internal static IReadOnlyList<PageFile> Load()
    {
        var assembly = typeof(PageFiles).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => Read(name[Prefix.Length..], assembly.GetManifestResourceStream(name)!))];
    }

    private static PageFile Read(string name, Stream content)
    {
        using (content)
        {
            var body = new byte[content.Length];
            content.ReadExactly(body);
            var tag = Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 16));
            return new PageFile(name == Index ? "/" : $"/{name}", body, TypeOf(name), new EntityTagHeaderValue($"\"{tag}\""));
        }
    }

    private static string TypeOf(string name) => System.IO.Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => throw new InvalidOperationException($"The page has a file of an unknown type: {name}."),
    };
}

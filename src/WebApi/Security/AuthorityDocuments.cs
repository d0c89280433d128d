using Microsoft.IdentityModel.Protocols;

namespace Im.WebApi.Security;

/// <summary>
/// Reads what an authority says of itself. The library's own reader does not pass on that its time is up: an authority that took
/// a request and never answered would hold it, and with it every later read, for ever.
/// </summary>
/// <param name="http">Bounds the size of an answer.</param>
/// <param name="requireHttps">Whether every document has to come by TLS, wherever the one before it says that it lies.</param>
internal sealed class AuthorityDocuments(HttpClient http, bool requireHttps) : IDocumentRetriever
{
    /// <summary>The document; an exception where there is none, it is too long, or the time is up.</summary>
    public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
    {
        var uri = new Uri(address);
        if (requireHttps && uri.Scheme != Uri.UriSchemeHttps)
        {
            throw new InvalidOperationException("A document of the authority lies where there is no TLS.");
        }

        // Read whole before anything is done with it, so that its length and its time are bounded.
        using var answer = await http.GetAsync(uri, HttpCompletionOption.ResponseContentRead, cancel);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(cancel);
    }
}

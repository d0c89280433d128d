using Im.WebApi.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Im.UnitTests.WebApi.Security;

public sealed class TokenReaderTests
{
    [Fact]
    public void The_first_place_that_has_a_token_is_the_only_one_looked_at()
    {
        var request = RequestOf("/im/ws", "?token=query");
        request.Headers.SecWebSocketProtocol = "im.v1, im.bearer.protocol";
        request.Headers["token"] = "header";
        request.Headers.Authorization = "bearer authorization";

        Assert.Equal("authorization", TokenReader.Read(request));
        request.Headers.Remove("Authorization");
        Assert.Equal("header", TokenReader.Read(request));
        request.Headers.Remove("token");
        Assert.Equal("query", TokenReader.Read(request));
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    public void An_empty_bearer_is_present_and_hides_a_token_in_a_later_place(string authorization)
    {
        var request = RequestOf("/im/ws", "?token=query");
        request.Headers["token"] = "header";
        request.Headers.Authorization = authorization;

        Assert.Equal("", TokenReader.Read(request));
    }

    [Fact]
    public void A_browser_may_offer_its_token_as_a_subprotocol()
    {
        var request = RequestOf("/im/ws", "?to_user_id=2");
        request.Headers.SecWebSocketProtocol = "im.v1, im.bearer.a.b.c";

        Assert.Equal("a.b.c", TokenReader.Read(request));
    }

    [Theory]
    [InlineData("/im/ws/")]
    [InlineData("/IM/WS")]
    public void Every_spelling_that_is_routed_to_the_websocket_may_carry_a_token(string path) =>
        Assert.Equal("query", TokenReader.Read(RequestOf(path, "?token=query")));

    [Theory]
    [InlineData("/im/ws//")]
    [InlineData("/im/ws/more")]
    [InlineData("/im/wsx")]
    public void No_other_path_may(string path) => Assert.Null(TokenReader.Read(RequestOf(path, "?token=query")));

    [Fact]
    public void Outside_the_websocket_only_headers_count()
    {
        var request = RequestOf("/im/get_imKey", "?token=query");
        request.Headers.SecWebSocketProtocol = "im.bearer.protocol";

        Assert.Null(TokenReader.Read(request));
    }

    [Theory]
    [InlineData("?a=1&token=x&b=2", "?a=1&b=2", "x")]
    [InlineData("?%74oke%6E=x%2Ey", "", "x.y")]
    [InlineData("?TOKEN=x&a=1&token=y&%54oken=z", "?a=1", "x")]
    [InlineData("?token", "", "")]
    public void Every_spelling_of_a_token_leaves_the_address(string before, string after, string token)
    {
        var features = RequestOf("/im/ws", before).HttpContext.Features;
        var request = features.Get<IHttpRequestFeature>()!;

        Assert.Equal(after, request.QueryString);
        Assert.Equal("/im/ws" + after, request.RawTarget);
        Assert.Equal(token, features.Get<QueryToken>()!.Token);
    }

    [Fact]
    public void An_address_without_a_token_stays_as_it_is()
    {
        var features = RequestOf("/im/ws", "?to%5Fuser_id=1&&token2=a").HttpContext.Features;

        Assert.Equal("?to%5Fuser_id=1&&token2=a", features.Get<IHttpRequestFeature>()!.QueryString);
        Assert.Null(features.Get<QueryToken>());
    }

    private static HttpRequest RequestOf(string path, string query)
    {
        var context = new DefaultHttpContext();
        var request = context.Features.Get<IHttpRequestFeature>()!;
        request.Path = path;
        request.QueryString = query;
        request.RawTarget = path + query;
        QueryToken.TakeFrom(context.Features);
        return context.Request;
    }
}

window.YTD.like.part0 = [
  {
    "like" : {
      "tweetId" : "1741625800912137252",
      "fullText" : "Paslon nomor 2 unggul di hitung cepat &amp; tetap tenang https://t.co/kkkkkkkkk1",
      "expandedUrl" : "https://twitter.com/i/web/status/1741625800912137252"
    }
  },
  {
    "like" : {
      "tweetId" : "1741988188932928431",
      "fullText" : "Sunrise over the bay\nthis morning",
      "expandedUrl" : "https://twitter.com/i/web/status/1741988188932928431"
    }
  },
  {
    "like" : {
      "tweetId" : "1742350576953719610",
      "expandedUrl" : "https://twitter.com/i/web/status/1742350576953719610"
    }
  },
  {
    "like" : {
      "tweetId" : "1742712964974510789",
      "fullText" : "RT pagi: lari keliling sawah",
      "expandedUrl" : "https://twitter.com/i/web/status/1742712964974510789"
    }
  }
]
window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "edit_info" : {
        "initial" : {
          "editTweetIds" : [
            "1757557850521313462"
          ],
          "editableUntil" : "2024-02-14T00:10:20.000Z",
          "editsRemaining" : "5",
          "isEditEligible" : true
        }
      },
      "retweeted" : false,
      "source" : "<a href=\"https://mobile.twitter.com\" rel=\"nofollow\">Twitter Web App</a>",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : [
          {
            "url" : "https://t.co/jjjjjjjjj1",
            "expanded_url" : "https://melati.example.org/visi",
            "display_url" : "melati.example.org/visi",
            "indices" : [
              "59",
              "82"
            ]
          }
        ],
        "media" : [
          {
            "expanded_url" : "https://twitter.com/sari_contoh/status/1757557850521313462/photo/1",
            "indices" : [
              "83",
              "106"
            ],
            "url" : "https://t.co/jjjjjjjjj2",
            "media_url" : "http://pbs.twimg.com/media/CONTOH5.jpg",
            "id_str" : "1757557851142078178",
            "id" : "1757557851142078178",
            "media_url_https" : "https://pbs.twimg.com/media/CONTOH5.jpg",
            "type" : "photo",
            "display_url" : "pic.twitter.com/jjjjjjjjj2"
          }
        ]
      },
      "display_text_range" : [
        "0",
        "104"
      ],
      "favorite_count" : "3",
      "id_str" : "1757557850521313462",
      "truncated" : false,
      "retweet_count" : "0",
      "id" : "1757557850521313462",
      "possibly_sensitive" : false,
      "created_at" : "Wed Feb 14 00:10:20 +0000 2024",
      "favorited" : false,
      "full_text" : "Sudah nyoblos. Pilihan saya: Bu Melati &amp; pasangannya https://t.co/jjjjjjjjj1 https://t.co/jjjjjjjjj2",
      "lang" : "in",
      "extended_entities" : {
        "media" : [
          {
            "expanded_url" : "https://twitter.com/sari_contoh/status/1757557850521313462/photo/1",
            "indices" : [
              "83",
              "106"
            ],
            "url" : "https://t.co/jjjjjjjjj2",
            "media_url" : "http://pbs.twimg.com/media/CONTOH5.jpg",
            "id_str" : "1757557851142078178",
            "id" : "1757557851142078178",
            "media_url_https" : "https://pbs.twimg.com/media/CONTOH5.jpg",
            "type" : "photo",
            "display_url" : "pic.twitter.com/jjjjjjjjj2"
          }
        ]
      }
    }
  },
  {
    "tweet" : {
      "edit_info" : {
        "initial" : {
          "editTweetIds" : [
            "1757374056275224641"
          ],
          "editableUntil" : "2024-02-13T12:00:00.000Z",
          "editsRemaining" : "5",
          "isEditEligible" : true
        }
      },
      "retweeted" : false,
      "source" : "<a href=\"https://mobile.twitter.com\" rel=\"nofollow\">Twitter Web App</a>",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [
          {
            "name" : "Relawan Melati",
            "screen_name" : "melati_fiktif",
            "indices" : [
              "3",
              "17"
            ],
            "id_str" : "900100200300400505",
            "id" : "900100200300400505"
          }
        ],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "140"
      ],
      "favorite_count" : "3",
      "id_str" : "1757374056275224641",
      "truncated" : false,
      "retweet_count" : "0",
      "id" : "1757374056275224641",
      "possibly_sensitive" : false,
      "created_at" : "Tue Feb 13 12:00:00 +0000 2024",
      "favorited" : false,
      "full_text" : "RT @melati_fiktif: Terima kasih warga &amp; relawan! Malam ini kita doa bersama di balai desa, besok pagi datang ke TPS, coblos paslon nomo…",
      "lang" : "in"
    }
  },
  {
    "tweet" : {
      "edit_info" : {
        "initial" : {
          "editTweetIds" : [
            "1756966370081615820"
          ],
          "editableUntil" : "2024-02-12T09:00:00.000Z",
          "editsRemaining" : "5",
          "isEditEligible" : true
        }
      },
      "retweeted" : false,
      "source" : "<a href=\"https://mobile.twitter.com\" rel=\"nofollow\">Twitter Web App</a>",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [
          {
            "name" : "Jane",
            "screen_name" : "jane_sample",
            "indices" : [
              "0",
              "12"
            ],
            "id_str" : "900100200300400503",
            "id" : "900100200300400503"
          }
        ],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "36"
      ],
      "favorite_count" : "3",
      "id_str" : "1756966370081615820",
      "truncated" : false,
      "retweet_count" : "0",
      "id" : "1756966370081615820",
      "possibly_sensitive" : false,
      "created_at" : "Mon Feb 12 09:00:00 +0000 2024",
      "favorited" : false,
      "full_text" : "@jane_sample no, the pitch is frozen",
      "lang" : "en",
      "in_reply_to_status_id_str" : "1756951271518362894",
      "in_reply_to_status_id" : "1756951271518362894",
      "in_reply_to_user_id" : "900100200300400503",
      "in_reply_to_user_id_str" : "900100200300400503",
      "in_reply_to_screen_name" : "jane_sample"
    }
  },
  {
    "tweet" : {
      "edit_info" : {
        "initial" : {
          "editTweetIds" : [
            "1756588882876806999"
          ],
          "editableUntil" : "2024-02-11T08:00:00.000Z",
          "editsRemaining" : "5",
          "isEditEligible" : true
        }
      },
      "retweeted" : false,
      "source" : "<a href=\"https://mobile.twitter.com\" rel=\"nofollow\">Twitter Web App</a>",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "71"
      ],
      "favorite_count" : "3",
      "id_str" : "1756588882876806999",
      "truncated" : false,
      "retweet_count" : "0",
      "id" : "1756588882876806999",
      "possibly_sensitive" : false,
      "created_at" : "Sun Feb 11 08:00:00 +0000 2024",
      "favorited" : false,
      "full_text" : "Belajar web: tulis &amp;lt;br&amp;gt; bila ingin menampilkan &lt;br&gt;",
      "lang" : "in"
    }
  }
]